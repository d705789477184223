import type { Distro } from '../package/distro.ts';
import { osPackageTypes } from '../package/package.ts';
import type { Database } from '../vulndb/database.ts';
import { languageRuleOf } from './language/list.ts';
import type { FlawFinding } from './make-finding.ts';
import type { MatchedPackage } from './matched-package.ts';
import { answerQuestions, type Question } from './match-packages.ts';
import { osRuleOf } from './os/list.ts';
import { questionOf } from './os/question.ts';
import type { Skip, SkipCode } from './skipped.ts';

/** A package to be judged. */
export interface JudgedPackage extends MatchedPackage {
  /** True where a distribution's advisories speak for the package that brought it: then it is not looked up itself. */
  readonly isCovered?: boolean;
}

/** What is known of one package. */
export interface Judgement {
  readonly findings: readonly FlawFinding[];
  /** Why it could not be looked up, or not wholly. */
  readonly skips: readonly Skip[];
}

/** Nothing is known of it: most packages. */
const nothing: Judgement = { findings: [], skips: [] };

/**
 * Looks packages up that lie in images of one distribution. What is said of each depends on it, on the distribution and on the
 * database alone, so that packages of any number of images may be judged together.
 *
 * @returns in the order of the packages
 * @throws VulndbError DATABASE_CORRUPT
 */
export function judgePackages(
  packages: readonly JudgedPackage[],
  distro: Distro | undefined,
  database: Database,
): Judgement[] {
  const judgements = packages.map(() => nothing);
  const groups = new Map<string, Group>();
  const knows = releasesOf(database);
  for (const [at, pkg] of packages.entries()) {
    const placed = osPackageTypes.has(pkg.type) ? placeOs(pkg, distro, knows) : placeLibrary(pkg, knows);
    if (placed === undefined) continue;
    if ('skip' in placed) {
      judgements[at] = { findings: [], skips: [placed.skip] };
      continue;
    }
    const known = groups.get(placed.where.ecosystem);
    if (known === undefined) groups.set(placed.where.ecosystem, { where: placed.where, asked: [{ at, ...placed }] });
    else known.asked.push({ at, ...placed });
  }
  for (const { where, asked } of groups.values()) {
    const answers = answerQuestions(
      asked.map(({ question }) => question),
      where,
      database,
    );
    for (const { at, question } of asked) {
      const { findings = [], unreadable = false } = answers.get(question.key) ?? {};
      const { name, version } = packages[at] as JudgedPackage;
      const skips = unreadable ? [skipOf('VERSION_UNREADABLE', where.ecosystem, `${name} ${version}`)] : [];
      if (findings.length > 0 || unreadable) judgements[at] = { findings, skips };
    }
  }
  return judgements;
}

type Releases = (ecosystem: string) => readonly string[];
type Where = Parameters<typeof answerQuestions>[1];

interface Group {
  readonly where: Where;
  readonly asked: { readonly at: number; readonly question: Question }[];
}

/** What to ask and where; why nothing is asked; undefined where there is nothing to say. */
type Placed = { readonly where: Where; readonly question: Question } | { readonly skip: Skip } | undefined;

/** Looked up once for each ecosystem, since there may be many packages. */
function releasesOf(database: Database): Releases {
  const known = new Map<string, readonly string[]>();
  return (ecosystem) => {
    const releases = known.get(ecosystem) ?? database.releases(ecosystem);
    known.set(ecosystem, releases);
    return releases;
  };
}

function placeOs(pkg: MatchedPackage, distro: Distro | undefined, knows: Releases): Placed {
  const rule = distro === undefined ? undefined : osRuleOf(distro.id);
  if (distro === undefined || rule === undefined) {
    const code = distro === undefined ? 'DISTRO_UNKNOWN' : 'NO_ADVISORIES_FOR_DISTRO';
    return { skip: skipOf(code, distro?.id ?? 'operating system', pkg.name) };
  }
  const exclusion = rule.excludes?.(pkg);
  if (exclusion === 'no-software') return undefined;
  const label = distro.version === '' ? distro.id : `${distro.id} ${distro.version}`;
  if (exclusion !== undefined || pkg.type !== rule.packageType)
    return { skip: skipOf('PACKAGES_NOT_COVERED', label, pkg.name) };
  const releases = rule.releases(distro, knows(rule.ecosystem));
  if (releases.length === 0) return { skip: skipOf('NO_ADVISORIES_FOR_RELEASE', label, pkg.name) };
  const where = { ecosystem: rule.ecosystem, releases, overrule: rule.overrules === true, join: 'highest' } as const;
  return { where, question: questionOf(rule, pkg) };
}

function placeLibrary(pkg: JudgedPackage, knows: Releases): Placed {
  if (pkg.isCovered === true) return undefined;
  const rule = languageRuleOf(pkg.type);
  if (rule === undefined) return { skip: skipOf('NO_ADVISORIES_FOR_TYPE', pkg.type, pkg.name) };
  const { ecosystem } = rule;
  if (!knows(ecosystem).includes('')) return { skip: skipOf('NO_ADVISORIES_FOR_ECOSYSTEM', ecosystem, pkg.name) };
  const version = rule.version === undefined ? pkg.version : rule.version(pkg);
  const question = { name: pkg.name, version, key: JSON.stringify([pkg.name, version]) };
  return { where: { ecosystem, releases: [''], overrule: false, join: 'union' }, question };
}

function skipOf(code: SkipCode, subject: string, name: string): Skip {
  return { code, subject, name };
}
