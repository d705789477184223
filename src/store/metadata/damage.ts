import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';
import { blobRow, type BlobRow } from './scrub.ts';

/**
 * After bytes were removed of which others knew already: no claim of them holds any longer, so that who is about to link to them stores
 * them again. Gives the row where a repository has them: then one has to look whether they are there, and if not `markLost` says so.
 *
 * The row comes before the look. Who has a blob stored it first, so bytes that are not there although their blob is named are lost;
 * found the other way round they may have come meanwhile, and a whole blob would be hidden for a moment, or for long after a kill.
 */
export async function doubtBlob(queries: SqlQueries, digest: Digest): Promise<BlobRow | undefined> {
  const sql = `UPDATE blobs SET stored_at = stored_at + 1 WHERE digest = ? AND ${isWhole}`;
  if ((await queries.run(sql, digest)) === 0) return undefined;
  const row = await blobRow(queries, digest);
  return row?.named === 1 ? row : undefined;
}

/** Says that a blob has no bytes, which were looked for after its row was read; false when it is another by now, or has them again. */
export async function markLost(
  queries: SqlQueries,
  { digest, storedAt }: Pick<BlobRow, 'digest' | 'storedAt'>,
  now: number,
): Promise<boolean> {
  const sql = `UPDATE blobs SET damaged = ? WHERE digest = ? AND stored_at = ? AND ${isWhole}`;
  return (await queries.run(sql, now, digest, storedAt)) > 0;
}

/** As far as its row says, and its bytes in the blob store. */
const isWhole = `deleting = 0 AND damaged = 0
  AND NOT EXISTS (SELECT 1 FROM blob_contents c WHERE c.digest = blobs.digest)`;

/** Says that a blob is whole after all; false when somebody stored it anew meanwhile. */
export async function clearDamage(queries: SqlQueries, digest: Digest, damagedAt: number): Promise<boolean> {
  const sql = 'UPDATE blobs SET damaged = 0 WHERE digest = ? AND damaged > 0 AND damaged = ?';
  return (await queries.run(sql, digest, damagedAt)) > 0;
}
