import { errorMessage } from '../../../base/error.ts';
import { freeMemory } from '../../../base/free-memory.ts';
import { fetchBlob } from '../../../oci/client/fetch-blob.ts';
import { OciError } from '../../../oci/error.ts';
import { addLink } from '../../../store/metadata/blobs.ts';
import { ensureRepository } from '../../../store/metadata/repositories.ts';
import { noteUpstreamBlob } from '../../../store/metadata/upstream-blobs.ts';
import { storeAndLink } from '../../content/store-blob.ts';
import { asked } from '../asked.ts';
import type { BlobPlace } from '../blob-places.ts';
import type { BlobWanted } from '../blob-wanted.ts';
import type { UpstreamParts } from '../surroundings.ts';
import type { GrowingBlob } from './growing.ts';
import type { SpoolFile } from './spool.ts';

/**
 * Fetches a blob into a file in its turn, once, whoever reads along. Its size and digest are checked on the way (`fetchBlob`), which takes it up where
 * it broke off.
 *
 * @throws OciError and others, where it did not come whole
 */
export async function fillSpool(
  parts: UpstreamParts,
  { upstream, repository, digest, size }: BlobWanted,
  growing: GrowingBlob,
  { file: { handle }, place }: { readonly file: SpoolFile; readonly place: BlobPlace },
  signal: AbortSignal,
): Promise<void> {
  const path = upstream.path(repository);
  const labels = { upstream: upstream.config.host };
  await asked(parts, upstream, async (client) => {
    let written = 0;
    try {
      for await (const chunk of fetchBlob(client, path, { digest, size }, signal)) {
        signal.throwIfAborted();
        for (let at = 0; at < chunk.length;) {
          at += (await handle.write(chunk, at, chunk.length - at, written + at)).bytesWritten;
        }
        written += chunk.length;
        place.came(chunk.length);
        parts.metrics.add('upstreamBytes', labels, chunk.length);
        growing.grow(written);
        freeMemory(chunk);
      }
    } catch (error) {
      // Readers have the start of it: what would come from the start again may be other bytes.
      throw written > 0 && error instanceof OciError ? new BrokenBlob(error) : error;
    }
  });
}

/** A blob that broke off, or was wrong, after some of it had come. */
export class BrokenBlob extends Error {
  override readonly name = 'BrokenBlob';
  override readonly cause: OciError;

  constructor(cause: OciError) {
    super(errorMessage(cause), { cause });
    this.cause = cause;
  }
}

/** Keeps a blob that lies whole in a file, and makes it one of its repository. */
export async function keepSpooled(
  { content }: UpstreamParts,
  { upstream, repository, digest, size }: BlobWanted,
  { path }: SpoolFile,
): Promise<void> {
  await storeAndLink(content, {
    digest,
    size,
    store: (options) => content.blobs.putFile(digest, path, size, options),
    async link(queries) {
      const id = await ensureRepository(queries, repository, content.now());
      await addLink(queries, id, digest, content.now());
      await noteUpstreamBlob(queries, upstream.config.url, digest);
    },
  });
}
