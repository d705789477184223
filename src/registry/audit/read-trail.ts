import { listChains, readAudit, readChain, type SealedAudit } from '../../store/metadata/audit.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { SealedEntry } from './chain.ts';
import type { AuditEntry } from './entry.ts';
import type { AuditFilter } from './filter.ts';

/** Entries read at once. */
const page = 1000;

/** The entries that a filter lets through, oldest first. */
export async function* searchTrail(database: SqlDatabase, filter: AuditFilter): AsyncGenerator<SealedEntry> {
  const [since, until] = [filter.since ?? 0, filter.until ?? Number.MAX_SAFE_INTEGER];
  for (let after = { time: -1, id: 0 }; ;) {
    const rows = await readAudit(database, { since, until, after, limit: page });
    for (const row of rows) {
      const sealed = sealedEntry(row);
      if (filter.matches(sealed.entry)) yield sealed;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < page) return;
    after = { time: last.time, id: last.id };
  }
}

/** All entries, chain by chain, in their order: what is verified. */
export async function* wholeTrail(database: SqlDatabase): AsyncGenerator<SealedEntry> {
  for (let chain = ''; ;) {
    const [next] = await listChains(database, chain, 1);
    if (next === undefined) return;
    chain = next;
    for (let after = 0; ;) {
      const rows = await readChain(database, chain, after, page);
      for (const row of rows) yield sealedEntry(row);
      if (rows.length < page) break;
      after = (rows.at(-1) as SealedAudit).sequence;
    }
  }
}

function sealedEntry({ chain, sequence, previous, hash, entry }: SealedAudit): SealedEntry {
  return { chain, sequence, previous, hash, entry: JSON.parse(entry) as AuditEntry };
}
