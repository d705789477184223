import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/**
 * Bytes of blobs that manifests of some repositories name and that are here, each once: those that nothing names any more wait for
 * garbage collection, and do not count.
 *
 * @param prefix what the names of the repositories begin with, with its slash
 */
export async function heldBytes(queries: SqlQueries, prefix: string): Promise<number> {
  const row = await queries.get<{ bytes: number }>(
    `SELECT COALESCE(SUM(b.size), 0) AS bytes FROM blobs b WHERE b.digest IN (
      SELECT l.digest FROM repositories r JOIN repository_blobs l ON l.repository = r.id
        JOIN manifest_links m ON m.repository = l.repository AND m.target = l.digest
        WHERE r.name >= ? AND r.name < ?)`,
    prefix,
    // The character behind the slash.
    `${prefix.slice(0, -1)}0`,
  );
  return row?.bytes ?? 0;
}

/** Writes down that the bytes of a blob, with the right digest, came from an upstream. @param upstream its address */
export async function noteUpstreamBlob(queries: SqlQueries, upstream: string, digest: Digest): Promise<void> {
  const sql = 'INSERT INTO upstream_blobs (digest, upstream) VALUES (?, ?) ON CONFLICT (digest, upstream) DO NOTHING';
  await queries.run(sql, digest, upstream);
}

/**
 * Whether the bytes of a blob came from an upstream once, and are here whole. Some repository has them, which tells them from a claim of
 * whoever is about to store them.
 */
export async function cameFromUpstream(
  queries: SqlQueries,
  upstream: string,
  digest: Digest,
  size: number,
): Promise<boolean> {
  const row = await queries.get(
    `SELECT 1 AS here FROM upstream_blobs u JOIN blobs b ON b.digest = u.digest
      WHERE u.digest = ? AND u.upstream = ? AND b.size = ? AND b.damaged = 0 AND b.deleting = 0
        AND EXISTS (SELECT 1 FROM repository_blobs l WHERE l.digest = b.digest)`,
    digest,
    upstream,
    size,
  );
  return row !== undefined;
}

/** Forgets where blobs came from that are not here any more. */
export function forgetUpstreamBlobs(queries: SqlQueries): Promise<number> {
  return queries.run(
    'DELETE FROM upstream_blobs WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.digest = upstream_blobs.digest)',
  );
}
