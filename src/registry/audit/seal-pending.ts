import {
  insertPlacedAudit,
  lastAudit,
  pendingAudit,
  type PlacedAudit,
  placeAudit,
} from '../../store/metadata/audit.ts';
import type { SqlDatabase, SqlQueries } from '../../store/sql/database.ts';
import { beginChain, type ChainHead, headOf, sealEntry } from './chain.ts';
import type { AuditEntry } from './entry.ts';
import { auditRow } from './row.ts';

/** Entries that are sealed in one transaction. */
const batch = 500;

/**
 * Gives the entries of a chain that have no place yet theirs, in the order in which they were written. It may be done by several
 * processes at once, and again after a kill.
 */
export async function sealPending(database: SqlDatabase, chain: string): Promise<void> {
  await appendSealed(database, chain, []);
}

/**
 * Writes entries at the end of a chain, behind those that wait for their places: they are written once, in their places, rather
 * than written and then sealed. All of them in one transaction, so not too many.
 */
export async function appendSealed(
  database: SqlDatabase,
  chain: string,
  entries: readonly AuditEntry[],
): Promise<void> {
  while (!(await database.transaction((queries) => sealSome(queries, chain, entries)))) continue;
}

/** False when more waited than is sealed in one transaction: then nothing was added behind them. */
async function sealSome(queries: SqlQueries, chain: string, entries: readonly AuditEntry[]): Promise<boolean> {
  const pending = await pendingAudit(queries, chain, batch);
  if (pending.length === 0 && entries.length === 0) return true;
  // Looked up each time: whoever took this process for dead may have sealed for it.
  const last = await lastAudit(queries, chain);
  let head: ChainHead = last === undefined ? beginChain(chain) : { chain, ...last };
  for (const { id, entry } of pending) {
    const place = sealEntry(head, JSON.parse(entry) as AuditEntry);
    await placeAudit(queries, id, place);
    head = headOf(place);
  }
  if (pending.length === batch) return false;
  const rows: PlacedAudit[] = [];
  for (const entry of entries) {
    const place = sealEntry(head, entry);
    const { sequence, previous, hash } = place;
    rows.push({ ...auditRow(entry), sequence, previous, hash });
    head = headOf(place);
  }
  await insertPlacedAudit(queries, chain, rows);
  return true;
}
