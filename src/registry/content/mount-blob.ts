import type { Digest } from '../../oci/digest.ts';
import { blobSize, findBlob, findHolders, linkBlob } from '../../store/metadata/blobs.ts';
import { ensureRepository } from '../../store/metadata/repositories.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
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
}

/** Makes a blob of another repository one of this; false when there is none that the client may read. */
export async function mountBlob(content: Content, mount: Mount, journal: Journal): Promise<boolean> {
  const { repository, digest } = mount;
  if (!(await isReadable(content.database, mount))) return false;
  return content.database.transaction(async (queries) => {
    // Again, where nobody can take it away meanwhile, and another push of the same digest begin.
    if (!(await isReadable(queries, mount))) return false;
    const now = content.now();
    const target = await ensureRepository(queries, repository, now);
    const size = await blobSize(queries, digest);
    await content.limit(queries, { name: repository, repository: target, blobs: [{ digest, size }], newTags: 0 });
    const linked = await linkBlob(queries, target, digest, now);
    if (linked) await journal(queries, { action: 'push', repository, digest });
    return linked;
  });
}

async function isReadable(queries: SqlQueries, { digest, from, mayPull }: Mount): Promise<boolean> {
  if (from !== undefined) return mayPull(from) && (await findBlob(queries, from, digest)) !== undefined;
  const holders = await findHolders(queries, digest, limits.mountHolders);
  return holders.some(mayPull);
}
