import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** What a blob is that turned out to have no bytes. */
export type LostBlob =
  /** A repository has it: it is marked as damaged now. */
  | 'named'
  /** Somebody may be storing it: they have to claim it and store it again, before they can link to it. */
  | 'claimed';

/**
 * Says that a blob has no bytes, which were looked for in the blob store. Undefined when it has them in the database, is gone, or
 * was said so before.
 */
export async function markIfLost(queries: SqlQueries, digest: Digest, now: number): Promise<LostBlob | undefined> {
  const named = await queries.run(
    `UPDATE blobs SET damaged = ? WHERE digest = ? AND deleting = 0 AND damaged = 0 AND ${noContent}
      AND (EXISTS (SELECT 1 FROM repository_blobs l WHERE l.digest = blobs.digest)
        OR EXISTS (SELECT 1 FROM manifests m WHERE m.digest = blobs.digest))`,
    now,
    digest,
  );
  if (named > 0) return 'named';
  const sql = `UPDATE blobs SET stored_at = stored_at + 1 WHERE digest = ? AND deleting = 0 AND damaged = 0 AND ${noContent}`;
  return (await queries.run(sql, digest)) > 0 ? 'claimed' : undefined;
}

const noContent = 'NOT EXISTS (SELECT 1 FROM blob_contents c WHERE c.digest = blobs.digest)';

/** Says that a blob is whole after all; false when somebody stored it anew meanwhile. */
export async function clearDamage(queries: SqlQueries, digest: Digest, damagedAt: number): Promise<boolean> {
  const sql = 'UPDATE blobs SET damaged = 0 WHERE digest = ? AND damaged > 0 AND damaged = ?';
  return (await queries.run(sql, digest, damagedAt)) > 0;
}
