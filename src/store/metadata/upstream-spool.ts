import type { SqlQueries } from '../sql/database.ts';

/** Room for a blob on its way. */
export interface SpoolRoom {
  /** The folder, by a name that it has for all processes and on no other machine. */
  readonly place: string;
  /** Who fetches it, by the lease of that. */
  readonly holder: string;
  /** Where it comes from, by its address. */
  readonly upstream: string;
  readonly bytes: number;
}

/** Bytes for which there is room taken. */
export interface SpoolUse {
  /** In a place. */
  readonly all: number;
  /** For blobs of one upstream. */
  readonly own: number;
}

/** The room that is taken in a place: only while the lease lasts, so that nothing is left of who was killed. */
export async function spoolUse(
  queries: SqlQueries,
  { place, upstream }: Pick<SpoolRoom, 'place' | 'upstream'>,
  now: number,
): Promise<SpoolUse> {
  const use = await queries.get<{ bytes: number; own: number }>(
    `SELECT COALESCE(SUM(s.bytes), 0) AS bytes, COALESCE(SUM(CASE WHEN s.upstream = ? THEN s.bytes ELSE 0 END), 0) AS own
      FROM upstream_spool s
      WHERE s.place = ? AND EXISTS (SELECT 1 FROM upstream_leases l WHERE l.holder = s.holder AND l.expires_at > ?)`,
    upstream,
    place,
    now,
  );
  return { all: use?.bytes ?? 0, own: use?.own ?? 0 };
}

/** Takes room in a place. What there must be room beside, and how much, is for `spoolUse` to tell in the same transaction. */
export async function takeSpoolRoom(queries: SqlQueries, { place, holder, upstream, bytes }: SpoolRoom): Promise<void> {
  const sql = 'INSERT INTO upstream_spool (place, holder, upstream, bytes) VALUES (?, ?, ?, ?)';
  await queries.run(sql, place, holder, upstream, bytes);
}

/** Gives it back. */
export async function releaseSpoolRoom(queries: SqlQueries, place: string, holder: string): Promise<void> {
  await queries.run('DELETE FROM upstream_spool WHERE place = ? AND holder = ?', place, holder);
}

/** Forgets room whose holder has no lease any more. */
export function forgetSpoolRoom(queries: SqlQueries, now: number): Promise<number> {
  return queries.run(
    `DELETE FROM upstream_spool WHERE NOT EXISTS (
      SELECT 1 FROM upstream_leases l WHERE l.holder = upstream_spool.holder AND l.expires_at > ?)`,
    now,
  );
}
