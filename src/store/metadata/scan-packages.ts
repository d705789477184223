import type { SqlQueries } from '../sql/database.ts';
import { inList } from './in-list.ts';
import { inRows } from './in-rows.ts';

/** A distinct package of some images. */
export interface NewPackage {
  /** Equal packages have equal ones. */
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly source: string | null;
  readonly sourceVersion: string | null;
  /** `debian 12`; empty for none. */
  readonly distro: string;
  readonly purl: string;
  /** All that decides what flaws it has, as JSON. */
  readonly record: string;
}

/** Keeps packages that are not there yet, and gives the numbers of all of them by their keys. */
export async function ensurePackages(
  queries: SqlQueries,
  packages: readonly NewPackage[],
): Promise<ReadonlyMap<string, number>> {
  const keys = packages.map(({ key }) => key);
  const known = await packageNumbers(queries, keys);
  const missing = packages.filter(({ key }) => !known.has(key));
  if (missing.length === 0) return known;
  await inRows(
    queries,
    (
      rows,
    ) => `INSERT INTO packages (key, type, name, version, source, source_version, distro, purl, record) VALUES ${rows}
      ON CONFLICT (key) DO NOTHING`,
    // In one order, so that two that add the same do not wait for each other.
    [...missing]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((one) => [
        one.key,
        one.type,
        one.name,
        one.version,
        one.source,
        one.sourceVersion,
        one.distro,
        one.purl,
        one.record,
      ]),
  );
  const added = await packageNumbers(
    queries,
    missing.map(({ key }) => key),
  );
  return new Map([...known, ...added]);
}

async function packageNumbers(queries: SqlQueries, keys: readonly string[]): Promise<Map<string, number>> {
  const rows = await inList<{ id: number; key: string }>(
    queries,
    (list) => `SELECT id, key FROM packages WHERE key IN (${list})`,
    [],
    keys,
  );
  return new Map(rows.map(({ id, key }) => [key, id]));
}

/** Says which packages an image has. */
export async function linkPackages(queries: SqlQueries, scan: number, packages: readonly number[]): Promise<void> {
  await inRows(
    queries,
    (rows) => `INSERT INTO image_packages (package, scan) VALUES ${rows} ON CONFLICT (package, scan) DO NOTHING`,
    packages.map((id) => [id, scan]),
  );
}

/** Takes packages of an image away, which it has no more. */
export async function unlinkPackages(queries: SqlQueries, scan: number, packages: readonly number[]): Promise<void> {
  for (const id of packages) await queries.run('DELETE FROM image_packages WHERE package = ? AND scan = ?', id, scan);
}

/** Records of packages after one of them. */
export function packageRecords(
  queries: SqlQueries,
  after: number,
  limit: number,
): Promise<readonly { readonly id: number; readonly record: string }[]> {
  const sql = 'SELECT id, record FROM packages WHERE id > ? ORDER BY id LIMIT ?';
  return queries.all<{ id: number; record: string }>(sql, after, limit);
}

/** Images after one of them whose findings are older than a database, or were not looked up at all. */
export function imagesToJudge(
  queries: SqlQueries,
  builtAt: number,
  after: number,
  limit: number,
): Promise<readonly { readonly scan: number; readonly facts: string }[]> {
  return queries.all<{ scan: number; facts: string }>(
    `SELECT i.scan AS scan, i.facts AS facts FROM scan_inventories i JOIN scan_evidence e ON e.scan = i.scan
      WHERE i.scan > ? AND (e.built_at IS NULL OR e.built_at < ?) ORDER BY i.scan LIMIT ?`,
    after,
    builtAt,
    limit,
  );
}

/** How many there are. */
export async function countToJudge(queries: SqlQueries, builtAt: number): Promise<number> {
  const sql = 'SELECT COUNT(*) AS images FROM scan_evidence WHERE built_at IS NULL OR built_at < ?';
  return (await queries.get<{ images: number }>(sql, builtAt))?.images ?? 0;
}

/** New evidence of an image. */
export interface JudgedImage {
  readonly scan: number;
  readonly isIncomplete: boolean;
  readonly content: Uint8Array;
  /** The facts that it was made of: those of an image that was scanned anew meanwhile are others. */
  readonly facts: string;
}

/** Puts new evidence in the place of older one, at once; what is newer stays. */
export async function replaceEvidence(
  queries: SqlQueries,
  { scan, isIncomplete, content, facts }: JudgedImage,
  builtAt: number,
  now: number,
): Promise<void> {
  await queries.run(
    `UPDATE scan_evidence SET content = ?, incomplete = ?, built_at = ?, judged_at = ? WHERE scan = ?
      AND (built_at IS NULL OR built_at < ?) AND EXISTS (SELECT 1 FROM scan_inventories i WHERE i.scan = ? AND i.facts = ?)`,
    content,
    isIncomplete ? 1 : 0,
    builtAt,
    now,
    scan,
    builtAt,
    scan,
    facts,
  );
}
