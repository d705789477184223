import type { SqlQueries } from '../sql/database.ts';

/** An entry as it is kept: what is searched for in columns, all of it as JSON. */
export interface AuditRow {
  readonly time: number;
  /** `kind:name` */
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  readonly repository: string | null;
  readonly entry: string;
}

/** An entry that waits for its place in a chain. */
export interface PendingAudit {
  readonly id: number;
  readonly entry: string;
}

/** An entry in its place. */
export interface SealedAudit {
  readonly id: number;
  readonly chain: string;
  readonly sequence: number;
  readonly previous: string;
  readonly hash: string;
  readonly entry: string;
}

/** Writes an entry down; it gets its place in the chain of its writer later. */
export async function insertAudit(queries: SqlQueries, chain: string, row: AuditRow): Promise<void> {
  await queries.run(
    `INSERT INTO audit (chain, time, actor, action, outcome, repository, entry) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    chain,
    row.time,
    row.actor,
    row.action,
    row.outcome,
    row.repository,
    row.entry,
  );
}

/** An entry that has its place already when it is written. */
export interface PlacedAudit extends AuditRow {
  readonly sequence: number;
  readonly previous: string;
  readonly hash: string;
}

/** Entries of one statement; each length is a statement of its own. */
const together = 25;

/** Writes down entries in their places, many with one statement. */
export async function insertPlacedAudit(
  queries: SqlQueries,
  chain: string,
  rows: readonly PlacedAudit[],
): Promise<void> {
  for (let at = 0; at < rows.length;) {
    const count = rows.length - at >= together ? together : 1;
    await queries.run(
      `INSERT INTO audit (chain, sequence, previous, hash, time, actor, action, outcome, repository, entry)
        VALUES ${Array.from({ length: count }, () => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
      ...rows
        .slice(at, at + count)
        .flatMap((row) => [
          chain,
          row.sequence,
          row.previous,
          row.hash,
          row.time,
          row.actor,
          row.action,
          row.outcome,
          row.repository,
          row.entry,
        ]),
    );
    at += count;
  }
}

/** Chains that have entries without a place, which are older than a time. */
export async function chainsWithPending(queries: SqlQueries, before: number): Promise<readonly string[]> {
  const sql = 'SELECT DISTINCT chain FROM audit WHERE sequence IS NULL AND time < ? LIMIT 100';
  return (await queries.all<{ chain: string }>(sql, before)).map(({ chain }) => chain);
}

/** Entries of a chain without a place, in the order in which they were written. */
export function pendingAudit(queries: SqlQueries, chain: string, limit: number): Promise<readonly PendingAudit[]> {
  const sql = 'SELECT id, entry FROM audit WHERE chain = ? AND sequence IS NULL ORDER BY id LIMIT ?';
  return queries.all<PendingAudit>(sql, chain, limit);
}

/** Where a chain ends; undefined for one without sealed entries. */
export function lastAudit(
  queries: SqlQueries,
  chain: string,
): Promise<{ readonly sequence: number; readonly hash: string } | undefined> {
  return queries.get<{ sequence: number; hash: string }>(
    'SELECT sequence, hash FROM audit WHERE chain = ? AND sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1',
    chain,
  );
}

/** Gives an entry its place. */
export async function placeAudit(
  queries: SqlQueries,
  id: number,
  place: { readonly sequence: number; readonly previous: string; readonly hash: string },
): Promise<void> {
  await queries.run(
    'UPDATE audit SET sequence = ?, previous = ?, hash = ? WHERE id = ? AND sequence IS NULL',
    place.sequence,
    place.previous,
    place.hash,
    id,
  );
}

/** The sequence of the oldest entry of a chain; undefined for one without sealed entries. */
export async function firstAudit(queries: SqlQueries, chain: string): Promise<number | undefined> {
  const sql = 'SELECT sequence FROM audit WHERE chain = ? AND sequence > 0 ORDER BY sequence LIMIT 1';
  return (await queries.get<{ sequence: number }>(sql, chain))?.sequence;
}

/**
 * The sequence of the last entry of a chain before all that are as young as a time; undefined when there is none. It goes through what
 * is older.
 */
export async function lastBefore(queries: SqlQueries, chain: string, time: number): Promise<number | undefined> {
  const sql = 'SELECT sequence FROM audit WHERE chain = ? AND sequence > 0 AND time >= ? ORDER BY sequence LIMIT 1';
  const young = await queries.get<{ sequence: number }>(sql, chain, time);
  return young === undefined ? (await lastAudit(queries, chain))?.sequence : young.sequence - 1;
}

/** Takes away the entries of a chain before a sequence, and gives their number. */
export function removeAudit(queries: SqlQueries, chain: string, before: number): Promise<number> {
  return queries.run('DELETE FROM audit WHERE chain = ? AND sequence > 0 AND sequence < ?', chain, before);
}

/** Sealed entries of a time, oldest first, after one of them. */
export function readAudit(
  queries: SqlQueries,
  { since, until, after, limit }: AuditRange,
): Promise<readonly (SealedAudit & { readonly time: number })[]> {
  return queries.all<SealedAudit & { time: number }>(
    `SELECT id, chain, sequence, previous, hash, time, entry FROM audit
      WHERE time >= ? AND time < ? AND sequence IS NOT NULL AND (time > ? OR (time = ? AND id > ?))
      ORDER BY time, id LIMIT ?`,
    // What lies before the page is not gone through again.
    Math.max(since, after.time),
    until,
    after.time,
    after.time,
    after.id,
    limit,
  );
}

/** Which entries to read. */
export interface AuditRange {
  /** Milliseconds since 1970, the second not included. */
  readonly since: number;
  readonly until: number;
  /** The last entry of the page before. */
  readonly after: { readonly time: number; readonly id: number };
  readonly limit: number;
}

/** Sealed entries of a chain in their order, after one of them. */
export function readChain(
  queries: SqlQueries,
  chain: string,
  after: number,
  limit: number,
): Promise<readonly SealedAudit[]> {
  return queries.all<SealedAudit>(
    `SELECT id, chain, sequence, previous, hash, entry FROM audit WHERE chain = ? AND sequence > ?
      ORDER BY sequence LIMIT ?`,
    chain,
    after,
    limit,
  );
}

/** All chains that have sealed entries, after one of them. */
export async function listChains(queries: SqlQueries, after: string, limit: number): Promise<readonly string[]> {
  const sql = 'SELECT DISTINCT chain FROM audit WHERE chain > ? AND sequence IS NOT NULL ORDER BY chain LIMIT ?';
  return (await queries.all<{ chain: string }>(sql, after, limit)).map(({ chain }) => chain);
}
