import type { SuppressedFinding } from '../../finding/scan-report.ts';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';
import { parsePackageUrl, type PackageUrl } from '../../package/package-url.ts';
import { PackageUrlError } from '../../package/package-url-error.ts';
import { purlCovers } from './purl-covers.ts';
import { isExpired, type IgnoreRule, type IgnoreRules } from './rules.ts';

/** What rules need to know besides the findings. */
export interface ApplyIgnoreOptions {
  readonly now: Date;
  /** The heading under which reports show a finding; `paths` are tested against it too, as in Trivy. */
  readonly targetOf?: (finding: VulnerabilityFinding) => string;
}

/** Findings, parted. */
export interface IgnoreOutcome {
  /** In the order given, as are the suppressed. */
  readonly kept: readonly VulnerabilityFinding[];
  readonly suppressed: readonly SuppressedFinding[];
  /** Rules that have ended, whether or not they would match. */
  readonly expired: readonly IgnoreRule[];
  /** Rules about vulnerabilities that hold and decided about no finding. */
  readonly unused: readonly IgnoreRule[];
}

/**
 * Sets aside the findings that a rule names. Rules that have ended set nothing aside; of the others, the first of the file
 * that matches decides.
 *
 * A rule's id may be the finding's own, an alias, or the vendor's: whoever wrote `GHSA-…` or `DSA-…` meant the flaw, and the
 * rule must not lapse when a CVE id becomes known. (Trivy compares the shown id only.) A vendor's advisory about several
 * flaws covers each of them.
 *
 * Paths are tested as the package's locations write them and with `/` for the `!/` of archives, each with and without a
 * leading slash.
 */
export function applyIgnore(
  findings: readonly VulnerabilityFinding[],
  { rules, source }: IgnoreRules,
  { now, targetOf }: ApplyIgnoreOptions,
): IgnoreOutcome {
  const valid = rules.filter(
    (rule) => (rule.scope === 'any' || rule.scope === 'vulnerability') && !isExpired(rule, now),
  );
  const byId = Map.groupBy(valid.entries(), ([, { id }]) => id);
  const purls = new Map<string, PackageUrl | undefined>();
  const used = new Set<IgnoreRule>();
  const kept: VulnerabilityFinding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const names = new Set([finding.id, ...finding.aliases, ...finding.vendorIds]);
    const candidates = [...names].flatMap((id) => byId.get(id) ?? []).sort(([a], [b]) => a - b);
    const rule = candidates.find(
      ([, each]) => coversPath(each, finding, targetOf) && coversPackage(each, finding, purls),
    )?.[1];
    if (rule === undefined) {
      kept.push(finding);
      continue;
    }
    used.add(rule);
    suppressed.push({
      finding,
      status: 'ignored',
      source,
      ...(rule.statement === undefined ? {} : { statement: rule.statement }),
    });
  }
  return {
    kept,
    suppressed,
    expired: rules.filter((rule) => isExpired(rule, now)),
    unused: valid.filter((rule) => !used.has(rule)),
  };
}

function coversPath(
  { paths }: IgnoreRule,
  finding: VulnerabilityFinding,
  targetOf: ApplyIgnoreOptions['targetOf'],
): boolean {
  if (paths.length === 0) return true;
  const candidates = new Set<string>();
  if (targetOf !== undefined) candidates.add(targetOf(finding));
  for (const { path } of finding.package.locations) {
    for (const spelling of [path, path.replaceAll('!/', '/')]) candidates.add(spelling).add(`/${spelling}`);
  }
  return paths.some((glob) => candidates.values().some((path) => glob.matches(path)));
}

function coversPackage(
  { purls }: IgnoreRule,
  { package: pkg }: VulnerabilityFinding,
  known: Map<string, PackageUrl | undefined>,
): boolean {
  if (purls.length === 0) return true;
  if (!known.has(pkg.purl)) known.set(pkg.purl, parseOrNone(pkg.purl));
  const target = known.get(pkg.purl);
  return target !== undefined && purls.some((rule) => purlCovers(rule, target));
}

/** A package whose purl cannot be read is covered by no rule that asks for one. */
function parseOrNone(text: string): PackageUrl | undefined {
  try {
    return parsePackageUrl(text);
  } catch (error) {
    if (error instanceof PackageUrlError) return undefined;
    throw error;
  }
}
