import type { SqlQueries } from '../sql/database.ts';
import { inList } from './in-list.ts';
import { inRows } from './in-rows.ts';

/** A flaw of a package. */
export interface PackageFlaw {
  readonly flaw: string;
  readonly package: number;
}

/** Adds ids of flaws to packages. One that a package had before is known since it was known first. */
export async function addFlaws(queries: SqlQueries, flaws: readonly PackageFlaw[], now: number): Promise<void> {
  await inRows(
    queries,
    (rows) => `INSERT INTO package_flaws (flaw, package, since) VALUES ${rows}
      ON CONFLICT (flaw, package) DO UPDATE SET gone_at = 0 WHERE package_flaws.gone_at > 0`,
    flaws.map((one) => [one.flaw, one.package, now]),
  );
}

/** Takes ids of flaws from packages. Since when they were known is remembered, for the case that they come back. */
export async function removeFlaws(queries: SqlQueries, flaws: readonly PackageFlaw[], now: number): Promise<void> {
  for (const one of flaws) {
    await queries.run(
      'UPDATE package_flaws SET gone_at = ? WHERE flaw = ? AND package = ?',
      now,
      one.flaw,
      one.package,
    );
  }
}

/** Forgets flaws that were taken from their packages before a time, so many at most. @returns how many */
export async function forgetFlaws(queries: SqlQueries, before: number, limit: number): Promise<number> {
  const gone = await queries.all<PackageFlaw & Record<never, never>>(
    'SELECT flaw, package FROM package_flaws WHERE gone_at > 0 AND gone_at < ? ORDER BY gone_at LIMIT ?',
    before,
    limit,
  );
  for (const one of gone) {
    await queries.run('DELETE FROM package_flaws WHERE flaw = ? AND package = ?', one.flaw, one.package);
  }
  return gone.length;
}

/** Flaws of packages, from one up to another, both included. */
export function flawsOf(queries: SqlQueries, from: number, until: number): Promise<readonly PackageFlaw[]> {
  return queries.all<PackageFlaw>(
    'SELECT flaw, package FROM package_flaws WHERE package >= ? AND package <= ? AND gone_at = 0',
    from,
    until,
  );
}

/** Since when a flaw of a package is known here, in milliseconds since 1970; 0 for one that was known before that was counted. */
export interface KnownFlaw extends PackageFlaw {
  readonly type: string;
  readonly purl: string;
  readonly version: string;
  readonly since: number;
}

/** Since when the flaws of packages are known, those too that they do not have any more. */
export function knownFlaws(queries: SqlQueries, packages: readonly number[]): Promise<readonly KnownFlaw[]> {
  return inList<KnownFlaw>(
    queries,
    (list) => `SELECT f.flaw AS flaw, f.package AS package, p.type AS type, p.purl AS purl, p.version AS version,
      f.since AS since FROM package_flaws f JOIN packages p ON p.id = f.package WHERE f.package IN (${list})`,
    [],
    packages,
  );
}
