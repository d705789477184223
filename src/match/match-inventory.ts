import type { Problem } from '../base/problem.ts';
import { compareFindings } from '../finding/compare-findings.ts';
import type { VulnerabilityFinding } from '../finding/vulnerability.ts';
import type { Distro } from '../package/distro.ts';
import type { Inventory } from '../package/inventory.ts';
import { osPackageTypes, type InventoryPackage } from '../package/package.ts';
import type { Database } from '../vulndb/database.ts';
import { languageRuleOf } from './language/list.ts';
import { answerQuestions, type Question } from './match-packages.ts';
import { osRuleOf } from './os/list.ts';
import { questionOf } from './os/question.ts';
import type { OsRule } from './os/rule.ts';
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

interface Asked {
  readonly pkg: InventoryPackage;
  readonly question: Question;
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
  const { distro, packages } = inventory;
  const skipped = new Skipped();
  const findings: VulnerabilityFinding[][] = [];
  const osPackages = packages.filter(({ type }) => osPackageTypes.has(type));
  const rule = distro === undefined ? undefined : osRuleOf(distro.id);
  if (pkgTypes.includes('os')) findings.push(matchOs(osPackages, distro, rule, database, skipped));
  if (pkgTypes.includes('library')) {
    const foreign = new Set(osPackages.filter((pkg) => rule?.excludes?.(pkg) === 'third-party').map(identityOf));
    const libraries = packages.filter(
      ({ type, ownedBy }) => !osPackageTypes.has(type) && (ownedBy === undefined || foreign.has(identityOf(ownedBy))),
    );
    findings.push(matchLibraries(libraries, database, skipped));
  }
  return { findings: findings.flat().sort(compareFindings), problems: skipped.problems() };
}

function matchOs(
  packages: readonly InventoryPackage[],
  distro: Distro | undefined,
  rule: OsRule | undefined,
  database: Database,
  skipped: Skipped,
): VulnerabilityFinding[] {
  if (packages.length === 0) return [];
  if (distro === undefined || rule === undefined) {
    const code = distro === undefined ? 'DISTRO_UNKNOWN' : 'NO_ADVISORIES_FOR_DISTRO';
    for (const { name } of packages) skipped.add(code, distro?.id ?? 'operating system', name);
    return [];
  }
  const label = distro.version === '' ? distro.id : `${distro.id} ${distro.version}`;
  const releases = rule.releases(distro, database.releases(rule.ecosystem));
  const asked: Asked[] = [];
  for (const pkg of packages) {
    const exclusion = rule.excludes?.(pkg);
    if (exclusion === 'no-software') continue;
    if (exclusion !== undefined || pkg.type !== rule.packageType) skipped.add('PACKAGES_NOT_COVERED', label, pkg.name);
    else if (releases.length === 0) skipped.add('NO_ADVISORIES_FOR_RELEASE', label, pkg.name);
    else asked.push({ pkg, question: questionOf(rule, pkg) });
  }
  const where = { ecosystem: rule.ecosystem, releases, overrule: rule.overrules === true, join: 'highest' } as const;
  return collect(asked, where, database, skipped);
}

function matchLibraries(
  packages: readonly InventoryPackage[],
  database: Database,
  skipped: Skipped,
): VulnerabilityFinding[] {
  const byEcosystem = new Map<string, Asked[]>();
  for (const pkg of packages) {
    const rule = languageRuleOf(pkg.type);
    if (rule === undefined) {
      skipped.add('NO_ADVISORIES_FOR_TYPE', pkg.type, pkg.name);
      continue;
    }
    if (!database.releases(rule.ecosystem).includes('')) {
      skipped.add('NO_ADVISORIES_FOR_ECOSYSTEM', rule.ecosystem, pkg.name);
      continue;
    }
    const version = rule.version === undefined ? pkg.version : rule.version(pkg);
    const question = { name: pkg.name, version, key: JSON.stringify([pkg.name, version]) };
    const asked = byEcosystem.get(rule.ecosystem);
    if (asked === undefined) byEcosystem.set(rule.ecosystem, [{ pkg, question }]);
    else asked.push({ pkg, question });
  }
  return [...byEcosystem].flatMap(([ecosystem, asked]) =>
    collect(asked, { ecosystem, releases: [''], overrule: false, join: 'union' }, database, skipped),
  );
}

function collect(
  asked: readonly Asked[],
  where: Parameters<typeof answerQuestions>[1],
  database: Database,
  skipped: Skipped,
): VulnerabilityFinding[] {
  const questions = asked.map(({ question }) => question);
  const answers = answerQuestions(questions, where, database);
  return asked.flatMap(({ pkg, question }) => {
    const answer = answers.get(question.key);
    if (answer?.unreadable === true) skipped.add('VERSION_UNREADABLE', where.ecosystem, `${pkg.name} ${pkg.version}`);
    return (answer?.findings ?? []).map((finding) => ({ ...finding, package: pkg }));
  });
}

function identityOf({ type, name, version }: Pick<InventoryPackage, 'type' | 'name' | 'version'>): string {
  return JSON.stringify([type, name, version]);
}
