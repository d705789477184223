import { lastAudit, pendingAudit, placeAudit } from '../../store/metadata/audit.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { beginChain, type ChainHead, headOf, sealEntry } from './chain.ts';
import type { AuditEntry } from './entry.ts';

/** Entries that are sealed in one transaction. */
const batch = 500;

/**
 * Gives the entries of a chain that have no place yet theirs, in the order in which they were written. It may be done by several
 * processes at once, and again after a kill.
 *
 * @returns how many were sealed
 */
export async function sealPending(database: SqlDatabase, chain: string): Promise<number> {
  for (let sealed = 0; ;) {
    const count = await database.transaction(async (queries) => {
      const pending = await pendingAudit(queries, chain, batch);
      const last = pending.length === 0 ? undefined : await lastAudit(queries, chain);
      let head: ChainHead = last === undefined ? beginChain(chain) : { chain, ...last };
      for (const { id, entry } of pending) {
        const place = sealEntry(head, JSON.parse(entry) as AuditEntry);
        await placeAudit(queries, id, place);
        head = headOf(place);
      }
      return pending.length;
    });
    sealed += count;
    if (count < batch) return sealed;
  }
}
