import { listChains, readAudit, readChain, type SealedAudit } from '../../store/metadata/audit.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { SealedEntry } from './chain.ts';
import type { AuditEntry } from './entry.ts';
import type { AuditFilter } from './filter.ts';

/** Entries read at once. */
const page = 1000;

/** Times that so many are read for one page. */
const looks = 20;

const beginning = { time: -1, id: 0 };

/** The entries that a filter lets through, oldest first. */
export async function* searchTrail(database: SqlDatabase, filter: AuditFilter): AsyncGenerator<SealedEntry> {
  const [since, until] = [filter.since ?? 0, filter.until ?? Number.MAX_SAFE_INTEGER];
  for (let after: TrailPlace = beginning; ;) {
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

/** Where a page of the trail begins: after the entry of this time and number. */
export interface TrailPlace {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly id: number;
}

/** One page of what a filter lets through. */
export interface TrailPage {
  readonly entries: readonly SealedEntry[];
  /** Where the next begins; undefined at the end. */
  readonly next?: TrailPlace;
}

/**
 * Reads a page of what a filter lets through, oldest first. It may hold fewer than asked for, or none, and there may still be
 * more: a search that finds little ends after some entries, so that nobody waits for it.
 *
 * @param after undefined to begin
 */
export async function trailPage(
  database: SqlDatabase,
  filter: AuditFilter,
  after: TrailPlace | undefined,
  limit: number,
): Promise<TrailPage> {
  const [since, until] = [filter.since ?? 0, filter.until ?? Number.MAX_SAFE_INTEGER];
  const entries: SealedEntry[] = [];
  let place = after ?? beginning;
  for (let look = 0; look < looks; look += 1) {
    const rows = await readAudit(database, { since, until, after: place, limit: page });
    for (const row of rows) {
      place = { time: row.time, id: row.id };
      const sealed = sealedEntry(row);
      if (!filter.matches(sealed.entry)) continue;
      entries.push(sealed);
      if (entries.length === limit) return { entries, next: place };
    }
    if (rows.length < page) return { entries };
  }
  return { entries, next: place };
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
