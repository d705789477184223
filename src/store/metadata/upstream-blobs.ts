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
