import type { Digest } from '../../oci/digest.ts';
import { blobSize, findBlob, findHolders, linkBlob } from '../../store/metadata/blobs.ts';
import { ensureRepository } from '../../store/metadata/repositories.ts';
import type { RefusedPart } from '../http/answer.ts';
import { limits } from '../limits.ts';
import type { Content, Journal } from './content.ts';

/** What is to be mounted where. */
export interface Mount {
  readonly repository: string;
  readonly digest: Digest;
  /** Undefined for any repository (distribution-spec, "Mounting a blob from another repository"). */
  readonly from: string | undefined;
  /** Whether the client may read a repository: nobody mounts what they could not pull (CVE-2024-39897). */
  readonly mayPull: (repository: string) => boolean;
  /** Why the blob may not leave a repository: a mount is a pull, whose bytes are read from where they were mounted. */
  readonly refusal: (repository: string) => Promise<Error | undefined>;
}

/** Whether a blob was mounted; else what was refused, where something was. */
export type Mounted =
  | { readonly mounted: true }
  | { readonly mounted: false; readonly refused: RefusedPart | undefined };

/** Makes a blob of another repository one of this, where there is one that the client may read and the gate lets it leave. */
export async function mountBlob(content: Content, mount: Mount, journal: Journal): Promise<Mounted> {
  const { digest, refusal } = mount;
  let refused: RefusedPart | undefined;
  for (const source of await sourcesOf(content, mount)) {
    const error = await refusal(source);
    if (error === undefined) {
      if (await mountFrom(content, source, mount, journal)) return { mounted: true };
    } else refused ??= { repository: source, digest, error };
  }
  return { mounted: false, refused };
}

async function mountFrom(
  content: Content,
  source: string,
  { repository, digest, mayPull }: Mount,
  journal: Journal,
): Promise<boolean> {
  return content.database.transaction(async (queries) => {
    // Again, where nobody can take it away meanwhile, and another push of the same digest begin.
    if (!mayPull(source) || (await findBlob(queries, source, digest)) === undefined) return false;
    const now = content.now();
    const target = await ensureRepository(queries, repository, now);
    const size = await blobSize(queries, digest);
    await content.limit(queries, { name: repository, repository: target, blobs: [{ digest, size }], newTags: 0 });
    const linked = await linkBlob(queries, target, digest, now);
    if (linked) await journal(queries, { action: 'push', repository, digest });
    return linked;
  });
}

/** Repositories that have the blob, as far as the client may read them. */
async function sourcesOf({ database }: Content, { digest, from, mayPull }: Mount): Promise<readonly string[]> {
  if (from !== undefined) return mayPull(from) && (await findBlob(database, from, digest)) !== undefined ? [from] : [];
  const holders = await findHolders(database, digest, limits.mountHolders);
  return holders.filter(mayPull).slice(0, limits.mountJudged);
}
