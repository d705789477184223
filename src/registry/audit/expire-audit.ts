import { firstAudit, lastBefore, listChains, removeAudit } from '../../store/metadata/audit.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { AuditTrail } from './audit-trail.ts';
import { auditEntry } from './entry.ts';

/** Entries that are taken away in one transaction, so that requests wait for none of them. */
const batch = 500;

/** How old entries are let go. */
export interface AuditExpiryOptions {
  readonly database: SqlDatabase;
  /** Where it is written down that they are. */
  readonly trail: Pick<AuditTrail, 'seal'>;
  /** Entries that are older go; milliseconds since 1970. */
  readonly before: number;
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/**
 * Lets the old entries of the trail go, and gives their number. Of each chain, only its beginning goes, and the newest of the old
 * entries stays: what follows is chained to it, and its own time shows that all before it was old. What is let go is written into
 * the trail first, so that `verifyChains` takes no other beginning for one. It may be killed at any moment and be run again.
 *
 * @throws StoreError, the signal's reason
 */
export async function expireAudit(options: AuditExpiryOptions): Promise<number> {
  const { database, trail, before, now, signal } = options;
  let isWritten = false;
  let removed = 0;
  for (let chain = ''; ;) {
    const [next] = await listChains(database, chain, 1);
    if (next === undefined) return removed;
    chain = next;
    signal?.throwIfAborted();
    const first = (await firstAudit(database, chain)) ?? 0;
    const kept = (await lastBefore(database, chain, before)) ?? 0;
    if (first >= kept) continue;
    if (!isWritten) await trail.seal(entryOfExpiry(before, now()));
    isWritten = true;
    for (let at = first; at < kept; at += batch) {
      signal?.throwIfAborted();
      const end = Math.min(kept, at + batch);
      removed += await database.transaction((queries) => removeAudit(queries, chain, end), { durable: false });
    }
  }
}

function entryOfExpiry(before: number, time: number): ReturnType<typeof auditEntry> {
  return auditEntry({
    time,
    actor: { kind: 'system', name: 'audit-expiry' },
    action: 'audit-expiry',
    outcome: 'done',
    reason: `Entries from before ${new Date(before).toISOString()} are let go`,
    before,
  });
}
