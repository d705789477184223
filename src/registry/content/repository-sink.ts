import type { ContentSink, StoredBlob } from '../../oci/content-sink.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestAlgorithm } from '../../oci/digest.ts';
import type { KeepOptions } from '../../store/blob/blob-store.ts';
import { addLink, findBlob, storeContent } from '../../store/metadata/blobs.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { findManifest } from '../../store/metadata/manifests.ts';
import { ensureRepository } from '../../store/metadata/repositories.ts';
import { limits } from '../limits.ts';
import type { Content, Journal } from './content.ts';
import { pushManifest } from './push-manifest.ts';
import { readAll } from './receive.ts';
import { keepAndLink, storeAndLink } from './store-blob.ts';

/**
 * A repository as the target of a copy. The copier checks each blob's bytes against its digest on the way, and breaks the stream off
 * when they are wrong.
 */
export class RepositorySink implements ContentSink {
  readonly #content: Content;
  readonly #repository: string;
  readonly #journal: Journal;
  readonly #pushedAt: number | undefined;

  /** @param pushedAt when its manifests were pushed, where that was not now */
  constructor(content: Content, repository: string, journal: Journal, pushedAt?: number) {
    this.#content = content;
    this.#repository = repository;
    this.#journal = journal;
    this.#pushedAt = pushedAt;
  }

  async hasManifest({ digest }: Descriptor): Promise<boolean> {
    return (await findManifest(this.#content.database, this.#repository, digest)) !== undefined;
  }

  async writeBlob(blob: StoredBlob, signal?: AbortSignal): Promise<void> {
    const { digest, size } = blob;
    const { database, blobs, blobBytes } = this.#content;
    if ((await findBlob(database, this.#repository, digest)) !== undefined) return;
    const repository = await database.transaction((queries) =>
      ensureRepository(queries, this.#repository, this.#content.now()),
    );
    const link = async (queries: SqlQueries): Promise<void> => {
      const name = this.#repository;
      await this.#content.limit(queries, { name, repository, blobs: [{ digest, size }], newTags: 0 });
      await addLink(queries, repository, digest, this.#content.now());
      await this.#journal(queries, { action: 'push', repository: this.#repository, digest, size });
    };
    const aborting = signal === undefined ? {} : { signal };
    if (size <= limits.inlineBytes) {
      const bytes = await readAll({ chunks: blob.open(), length: size }, null);
      const keep = (queries: SqlQueries): Promise<boolean> => storeContent(queries, digest, bytes, this.#content.now());
      return keepAndLink(this.#content, { keep, link, ...aborting });
    }
    const store = async (options: KeepOptions): Promise<void> => {
      const begun = { id: this.#content.newId(), offset: 0 };
      try {
        const upload = await blobs.append(begun, blob.open(), { maxBytes: blobBytes, ...aborting });
        await blobs.commit(upload, digest, options);
      } catch (error) {
        await blobs.abort(begun);
        throw error;
      }
    };
    await storeAndLink(this.#content, { digest, size, store, link, ...aborting });
  }

  async writeManifest({ digest, mediaType }: Descriptor, bytes: Uint8Array): Promise<void> {
    // Documents of another algorithm than they are asked for by would not be found again.
    const named = digestAlgorithm(digest) === 'sha256' ? {} : { digest };
    const push = { repository: this.#repository, tags: [], contentType: mediaType, bytes, pushedAt: this.#pushedAt };
    await pushManifest(this.#content, { digest: undefined, ...named, ...push }, this.#journal);
  }
}
