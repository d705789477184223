import type { SqlQueries } from '../sql/database.ts';

/**
 * Says that somebody is fetching something, unless another says so already and is still there.
 *
 * @param holder a name that nobody else has, another one each time
 * @param until when it is over unless it is renewed, in milliseconds since 1970
 * @returns who holds it now: `holder`, or another
 */
export async function takeLease(
  queries: SqlQueries,
  name: string,
  holder: string,
  now: number,
  until: number,
): Promise<string> {
  const other = await leaseHolder(queries, name, now);
  if (other !== undefined) return other;
  await queries.run(
    `INSERT INTO upstream_leases (name, holder, expires_at) VALUES (?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at`,
    name,
    holder,
    until,
  );
  return holder;
}

/** Who holds a lease that is not over; undefined when nobody does. */
export async function leaseHolder(queries: SqlQueries, name: string, now: number): Promise<string | undefined> {
  const sql = 'SELECT holder FROM upstream_leases WHERE name = ? AND expires_at > ?';
  return (await queries.get<{ holder: string }>(sql, name, now))?.holder;
}

/** Holds on to a lease; false when another took it over. */
export async function renewUpstreamLease(
  queries: SqlQueries,
  name: string,
  holder: string,
  until: number,
): Promise<boolean> {
  const sql = 'UPDATE upstream_leases SET expires_at = ? WHERE name = ? AND holder = ?';
  return (await queries.run(sql, until, name, holder)) > 0;
}

/** Gives a lease back; nothing is wrong when another took it over. */
export async function releaseLease(queries: SqlQueries, name: string, holder: string): Promise<void> {
  await queries.run('DELETE FROM upstream_leases WHERE name = ? AND holder = ?', name, holder);
}

/** All that hold a lease which is not over, and forgets the others. */
export async function liveHolders(queries: SqlQueries, now: number): Promise<ReadonlySet<string>> {
  await queries.run('DELETE FROM upstream_leases WHERE expires_at <= ?', now);
  const rows = await queries.all<{ holder: string }>('SELECT holder FROM upstream_leases');
  return new Set(rows.map(({ holder }) => holder));
}
