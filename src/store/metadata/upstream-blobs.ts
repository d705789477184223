import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** Something that a repository holds: the bytes of a manifest, or of a blob that it names. */
export interface HeldContent {
  readonly manifest: Digest;
  readonly digest: Digest;
  readonly size: number;
}

/** What manifests of some repositories are and name, as far as it is here. */
const held = `SELECT m.repository AS repository, m.digest AS manifest, m.digest AS digest FROM manifests m
  UNION ALL SELECT l.repository, l.manifest, l.target FROM manifest_links l
    JOIN repository_blobs h ON h.repository = l.repository AND h.digest = l.target`;

/**
 * Bytes that would be free if some repositories held nothing: each once, however many of them have it, and without what other
 * repositories have too. What nothing names any more waits for garbage collection, and does not count.
 *
 * @param prefixes what the names of the repositories begin with, with its slash
 */
export async function heldBytes(queries: SqlQueries, prefixes: readonly string[]): Promise<number> {
  const { cached, bounds } = cachedBy(prefixes);
  const row = await queries.get<{ bytes: number }>(
    `WITH cached AS (${cached})
      SELECT COALESCE(SUM(b.size), 0) AS bytes FROM blobs b
      WHERE b.digest IN (SELECT x.digest FROM (${held}) x WHERE x.repository IN (SELECT id FROM cached))
        AND NOT EXISTS (SELECT 1 FROM repository_blobs o WHERE o.digest = b.digest AND o.repository NOT IN (SELECT id FROM cached))
        AND NOT EXISTS (SELECT 1 FROM manifests o WHERE o.digest = b.digest AND o.repository NOT IN (SELECT id FROM cached))`,
    ...bounds,
  );
  return row?.bytes ?? 0;
}

/** What some repositories hold that others have too, so that it does not count in {@link heldBytes}. */
export async function heldElsewhere(queries: SqlQueries, prefixes: readonly string[]): Promise<ReadonlySet<Digest>> {
  const { cached, bounds } = cachedBy(prefixes);
  const rows = await queries.all<{ digest: Digest }>(
    `WITH cached AS (${cached})
      SELECT x.digest AS digest FROM (SELECT repository, digest FROM repository_blobs UNION ALL SELECT repository, digest FROM manifests) x
      GROUP BY x.digest
      HAVING MAX(CASE WHEN x.repository IN (SELECT id FROM cached) THEN 1 ELSE 0 END) = 1
        AND MIN(CASE WHEN x.repository IN (SELECT id FROM cached) THEN 1 ELSE 0 END) = 0`,
    ...bounds,
  );
  return new Set(rows.map(({ digest }) => digest));
}

/** What each manifest of a repository holds, itself too. */
export function heldContents(queries: SqlQueries, repository: string): Promise<readonly HeldContent[]> {
  return queries.all<HeldContent>(
    `SELECT x.manifest AS manifest, x.digest AS digest, b.size AS size
      FROM repositories r JOIN (${held}) x ON x.repository = r.id JOIN blobs b ON b.digest = x.digest WHERE r.name = ?`,
    repository,
  );
}

function cachedBy(prefixes: readonly string[]): { readonly cached: string; readonly bounds: readonly string[] } {
  const ranges = prefixes.map(() => '(name >= ? AND name < ?)');
  // The character behind the slash.
  const bounds = prefixes.flatMap((prefix) => [prefix, `${prefix.slice(0, -1)}0`]);
  return { cached: `SELECT id FROM repositories WHERE ${ranges.join(' OR ') || '1 = 0'}`, bounds };
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
