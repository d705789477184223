import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** Manifests of a repository that name a blob, those first that came last. */
export async function manifestsNaming(
  queries: SqlQueries,
  repository: string,
  blob: Digest,
  limit: number,
): Promise<readonly Digest[]> {
  const rows = await queries.all<{ digest: Digest }>(
    `SELECT m.digest AS digest FROM repositories r JOIN manifest_links l ON l.repository = r.id
      JOIN manifests m ON m.repository = r.id AND m.digest = l.manifest
      WHERE r.name = ? AND l.target = ? AND l.kind = 'blob' ORDER BY m.pushed_at DESC, m.digest LIMIT ?`,
    repository,
    blob,
    limit,
  );
  return rows.map(({ digest }) => digest);
}

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
