import { localRepository } from '../../oci/client/local-registry.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { isTag } from '../../oci/reference.ts';
import type { OpenBlob } from '../../store/blob/blob-store.ts';
import type { Content } from '../content/content.ts';
import { manifestBytes } from '../content/read-manifest.ts';
import { RegistryError } from '../error.ts';
import type { Origin } from '../pipeline/origin.ts';
import { gateLimits } from './limits.ts';

/**
 * A repository of this registry, to be read by what reads registries, such as the search for signatures. What it asks for comes by
 * the same origin as what clients ask for, so that an upstream's signatures are fetched and kept as its images are. Nothing is judged
 * on the way, since it is read in order to judge.
 */
export function originRepository(content: Content, origin: Origin, repository: string): RemoteRepository {
  const signalOf = (signal: AbortSignal | undefined) => (): AbortSignal => signal ?? new AbortController().signal;
  return localRepository({
    manifest: (reference, signal) =>
      ifThere(async () => {
        const name = isDigest(reference) ? { repository, digest: reference } : tagged(repository, reference);
        if (name === undefined) return undefined;
        const { record } = await origin.findManifest(name, signalOf(signal));
        return manifestBytes(content, repository, record.digest);
      }),
    blob: (digest, signal) =>
      ifThere(async () => {
        const found = await origin.findBlob(repository, digest, signalOf(signal));
        return { size: found.size, bytes: readAll(await found.open(), signal) };
      }),
    referrers: (digest, signal) => referrersOf(origin, repository, digest, signalOf(signal)),
  });
}

function tagged(repository: string, reference: string): { repository: string; tag: string } | undefined {
  return isTag(reference) ? { repository, tag: reference } : undefined;
}

/** What is not there is a value; that it could not be told stays an error. */
async function ifThere<Value>(look: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof RegistryError && error.status === 404) return undefined;
    throw error;
  }
}

async function* readAll(blob: OpenBlob, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  await using open = blob;
  // What it gives is used again for the next chunk.
  for await (const chunk of open.read(undefined, signal)) yield Buffer.from(chunk);
}

async function referrersOf(
  origin: Origin,
  repository: string,
  subject: Digest,
  signal: () => AbortSignal,
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  for (let after = ''; ;) {
    const query = { subject, artifactType: undefined, after, limit: gateLimits.referrersPage };
    const { entries } = await origin.listReferrers(repository, query, signal);
    found.push(...entries);
    const last = entries.at(-1);
    if (last === undefined || entries.length < gateLimits.referrersPage) return found;
    if (found.length >= gateLimits.referrers) {
      throw new RegistryError('UNAVAILABLE', `More than ${gateLimits.referrers} documents are attached to ${subject}`);
    }
    after = last.digest;
  }
}
