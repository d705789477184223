import type { SqlQueries } from '../sql/database.ts';

/** Room for a blob on its way. */
export interface SpoolRoom {
  /** The folder, by a name that it has for all processes and on no other machine. */
  readonly place: string;
  /** Who fetches it, by the lease of that. */
  readonly holder: string;
  readonly bytes: number;
}

/** Bytes for which there is room taken in a place: only while the lease lasts, so that nothing is left of who was killed. */
export async function spooledBytes(queries: SqlQueries, place: string, now: number): Promise<number> {
  const row = await queries.get<{ bytes: number }>(
    `SELECT COALESCE(SUM(s.bytes), 0) AS bytes FROM upstream_spool s
      WHERE s.place = ? AND EXISTS (SELECT 1 FROM upstream_leases l WHERE l.holder = s.holder AND l.expires_at > ?)`,
    place,
    now,
  );
  return row?.bytes ?? 0;
}

/** Takes room in a place; false when all together would have more than `most` bytes. In a transaction. */
export async function takeSpoolRoom(
  queries: SqlQueries,
  { place, holder, bytes }: SpoolRoom,
  most: number,
  now: number,
): Promise<boolean> {
  if ((await spooledBytes(queries, place, now)) + bytes > most) return false;
  await queries.run('INSERT INTO upstream_spool (place, holder, bytes) VALUES (?, ?, ?)', place, holder, bytes);
  return true;
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
