import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** A blob whose bytes lie in the blob store, or should, and that a repository needs. */
export interface NeededBlob {
  readonly digest: Digest;
  readonly size: number;
  /** When its bytes were found to be damaged; else 0. */
  readonly damagedAt: number;
}

const needed = `deleting = 0 AND NOT EXISTS (SELECT 1 FROM blob_contents c WHERE c.digest = blobs.digest)
  AND (EXISTS (SELECT 1 FROM repository_blobs l WHERE l.digest = blobs.digest)
    OR EXISTS (SELECT 1 FROM manifests m WHERE m.digest = blobs.digest))`;

/** Pages of this many rows. */
const page = 500;

/** All blobs that should be in the blob store, in the order of their digests. */
export async function* neededBlobs(queries: SqlQueries): AsyncGenerator<readonly NeededBlob[]> {
  const sql = `SELECT digest, size, damaged AS "damagedAt" FROM blobs WHERE digest > ? AND ${needed} ORDER BY digest LIMIT ?`;
  for (let after = ''; ;) {
    const rows = await queries.all<NeededBlob>(sql, after, page);
    if (rows.length > 0) yield rows;
    if (rows.length < page) return;
    after = (rows.at(-1) as NeededBlob).digest;
  }
}

/** Whether a blob should still be in the blob store. */
export async function isNeeded(queries: SqlQueries, digest: Digest): Promise<boolean> {
  return (await queries.get(`SELECT digest FROM blobs WHERE digest = ? AND ${needed}`, digest)) !== undefined;
}

/** How many there are, and their bytes. */
export async function countNeeded(queries: SqlQueries): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const sql = `SELECT COUNT(*) AS blobs, COALESCE(SUM(size), 0) AS bytes FROM blobs WHERE ${needed}`;
  return (await queries.get<{ blobs: number; bytes: number }>(sql)) ?? { blobs: 0, bytes: 0 };
}

/** Forgets all uploads that are under way: their bytes are not where these records are. */
export async function forgetUploads(queries: SqlQueries): Promise<void> {
  await queries.run('DELETE FROM uploads');
}
