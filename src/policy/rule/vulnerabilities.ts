import { compareText } from '../../base/compare-text.ts';
import { severities } from '../../finding/severity.ts';
import type { FlawList } from '../../finding/vulnerability.ts';
import type { Gathered, VulnerabilityFacts } from '../evidence.ts';
import type { Grace, VulnerabilitiesRule } from '../model.ts';
import { compilePackageNames } from '../package-names.ts';
import type { Fact, IncompleteFact, UnknownFact } from '../verdict.ts';
import { assess, type CheckRule } from './check-rule.ts';
import { unknownOf } from './gathered.ts';
import { missingList } from './missing-list.ts';
import { foldId, type PreparedFinding } from './prepare-findings.ts';

/** Compiles a rule about findings. @throws PatternError */
export function compileVulnerabilities(rule: VulnerabilitiesRule): CheckRule {
  const counts = compileFilter(rule);
  return ({ evidence, findings }) => {
    const { vulnerabilities, now } = evidence;
    const untold = unknownOf(vulnerabilities, 'vulnerabilities');
    if (untold !== undefined) return assess({ unknown: [untold] });
    const known = vulnerabilities as Exclude<Gathered<VulnerabilityFacts>, { state: 'pending' | 'unavailable' }>;
    if (known.state === 'absent') return assess({ violations: [{ kind: 'missing', what: 'vulnerabilities' }] });
    const changesAt: number[] = [];
    const found: PreparedFinding[] = [];
    const missing = new Set<FlawList>();
    for (const finding of findings()) {
      if (!counts(finding)) continue;
      const listed = onLists(rule, finding, known.value.lacking ?? []);
      if (listed === false) continue;
      // Of a flaw that may be exploited, nobody knows whether it has a grace.
      const end = listed === 'exploited' ? undefined : endOfGrace(rule.grace, finding, known.at);
      if (end !== undefined) changesAt.push(end);
      if (end !== undefined && now < end) continue;
      if (listed === true) found.push(finding);
      else missing.add(listed);
    }
    const hidden = incompleteFacts(known.value);
    const isOpen = rule.incomplete === 'allow';
    const violations: Fact[] = [...found.map(({ fact }) => fact), ...(isOpen ? [] : hidden)];
    const { unknown: stale, changesAt: staleAt } = staleness(rule, known.value, known.at, now);
    const changes = [...changesAt, ...staleAt];
    const unknown = [...stale, ...[...missing].sort().map(missingList)];
    return assess({ violations, findings: found, unknown, support: isOpen ? hidden : [], changesAt: changes });
  };
}

/** What a finding is apart from the lists that it is on. */
function compileFilter(rule: VulnerabilitiesRule): (finding: PreparedFinding) => boolean {
  const { severity, fixable } = rule;
  const ids = rule.ids === undefined ? undefined : new Set(rule.ids.map(foldId));
  const packages = rule.packages === undefined ? undefined : compilePackageNames(rule.packages);
  const ignored: ReadonlySet<string> = new Set(rule.ignoreStatuses);
  const worst = new Set(severity === undefined ? severities : severities.slice(severities.indexOf(severity)));
  return ({ fact, ids: own, vendorIds }) =>
    worst.has(fact.severity) &&
    (fixable !== true || fact.fixedVersions.length > 0) &&
    !ignored.has(fact.status) &&
    (ids === undefined || own.some((id) => ids.has(id)) || vendorIds.some((id) => ids.has(id))) &&
    (packages === undefined || packages(fact.package));
}

/** Whether a finding is on the lists that a rule asks for; where that hangs on one that is not there, that one. */
function onLists(
  { exploited, epss }: VulnerabilitiesRule,
  { fact }: PreparedFinding,
  lacking: readonly FlawList[],
): boolean | FlawList {
  const isExploited = exploited !== true || fact.knownExploited !== undefined;
  const isLikely = epss === undefined || (fact.epss !== undefined && fact.epss.score >= epss);
  if (isExploited && isLikely) return true;
  if (!isExploited && !lacking.includes('exploited')) return false;
  if (!isLikely && !lacking.includes('epss')) return false;
  return isExploited ? 'epss' : 'exploited';
}

/**
 * When a finding's grace ends, in milliseconds since 1970; undefined when it has none. A flaw that is said to become public later is
 * public since it was found.
 */
function endOfGrace(grace: Grace | undefined, finding: PreparedFinding, foundAt: number): number | undefined {
  if (grace === undefined || finding.fact.knownExploited !== undefined) return undefined;
  const since = grace.since === 'published' ? finding.published : finding.knownSince;
  return since === undefined ? undefined : Math.min(since, foundAt) + grace.for;
}

function incompleteFacts({ incomplete }: VulnerabilityFacts): IncompleteFact[] {
  return incomplete
    .map(({ code, subject, message }): IncompleteFact => ({ kind: 'incomplete', code, subject, message }))
    .sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
}

function staleness(
  { maxDatabaseAge, maxScanAge }: VulnerabilitiesRule,
  { databaseBuiltAt, databaseWholeAt }: VulnerabilityFacts,
  scannedAt: number,
  now: number,
): { readonly unknown: readonly UnknownFact[]; readonly changesAt: readonly number[] } {
  const why = databaseWholeAt === undefined ? '' : ', since one of its feeds could not be had for so long';
  const parts = [
    isOver(`the database that was asked is too old${why}`, databaseWholeAt ?? databaseBuiltAt, maxDatabaseAge, now),
    isOver('the scan is too old', scannedAt, maxScanAge, now),
  ];
  return {
    unknown: parts.flatMap(({ unknown }) => unknown),
    changesAt: parts.flatMap(({ changesAt }) => changesAt),
  };
}

function isOver(
  reason: string,
  from: number | undefined,
  most: number | undefined,
  now: number,
): { readonly unknown: readonly UnknownFact[]; readonly changesAt: readonly number[] } {
  if (most === undefined) return { unknown: [], changesAt: [] };
  const end = from === undefined ? undefined : from + most;
  if (end !== undefined && now < end) return { unknown: [], changesAt: [end] };
  return { unknown: [{ kind: 'unknown', what: 'vulnerabilities', state: 'unavailable', reason }], changesAt: [] };
}
