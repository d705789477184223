import type { Problem } from '../base/problem.ts';
import { compareFindings } from '../finding/compare-findings.ts';
import type { VulnerabilityFinding } from '../finding/vulnerability.ts';
import type { Inventory } from '../package/inventory.ts';
import { osPackageTypes, type InventoryPackage } from '../package/package.ts';
import type { Database } from '../vulndb/database.ts';
import { type JudgedPackage, judgePackages } from './judge-packages.ts';
import { osRuleOf } from './os/list.ts';
import { Skipped } from './skipped.ts';

/** What to look up. */
export interface MatchOptions {
  /** `os`: the distribution's packages; `library`: those of languages. Both without it. */
  readonly pkgTypes?: readonly ('os' | 'library')[];
}

/** What matching found. */
export interface MatchResult {
  /** Sorted by package name, version, severity (worst first), id, then path. */
  readonly findings: readonly VulnerabilityFinding[];
  /** What could not be looked up; the inventory's own problems are not repeated. */
  readonly problems: readonly Problem[];
}

/**
 * Finds the known flaws of everything in an inventory.
 *
 * Language packages that a distribution's package brought are its maintainers' matter and not looked up, unless the
 * distribution's advisories do not speak for that package either.
 *
 * @throws VulndbError DATABASE_CORRUPT
 */
export function matchInventory(inventory: Inventory, database: Database, options: MatchOptions = {}): MatchResult {
  const { pkgTypes = ['os', 'library'] } = options;
  const packages = judgedPackages(inventory).filter(({ pkg: { type } }) =>
    pkgTypes.includes(osPackageTypes.has(type) ? 'os' : 'library'),
  );
  const judged = packages.map(({ pkg, isCovered }): JudgedPackage => ({ ...pkg, isCovered }));
  const skipped = new Skipped();
  const findings: VulnerabilityFinding[] = [];
  for (const [at, judgement] of judgePackages(judged, inventory.distro, database).entries()) {
    const { pkg } = packages[at] as (typeof packages)[number];
    for (const { code, subject, name } of judgement.skips) skipped.add(code, subject, name);
    for (const finding of judgement.findings) findings.push({ ...finding, package: pkg });
  }
  return { findings: findings.sort(compareFindings), problems: skipped.problems() };
}

/**
 * The packages of an inventory, each with whether it is covered by the distribution's advisories for the package that brought
 * it.
 */
export function judgedPackages({ distro, packages }: Inventory): readonly {
  readonly pkg: InventoryPackage;
  readonly isCovered: boolean;
}[] {
  const rule = distro === undefined ? undefined : osRuleOf(distro.id);
  const foreign = new Set(
    packages.filter((pkg) => osPackageTypes.has(pkg.type) && rule?.excludes?.(pkg) === 'third-party').map(identityOf),
  );
  return packages.map((pkg) => ({
    pkg,
    isCovered: pkg.ownedBy !== undefined && !foreign.has(identityOf(pkg.ownedBy)),
  }));
}

function identityOf({ type, name, version }: Pick<InventoryPackage, 'type' | 'name' | 'version'>): string {
  return JSON.stringify([type, name, version]);
}
