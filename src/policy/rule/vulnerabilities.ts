import { compareText } from '../../base/compare-text.ts';
import { compilePatterns, matchesAny } from '../../base/name-pattern.ts';
import { severities } from '../../finding/severity.ts';
import type { Gathered, VulnerabilityFacts } from '../evidence.ts';
import type { Grace, VulnerabilitiesRule } from '../model.ts';
import type { Fact, IncompleteFact, UnknownFact } from '../verdict.ts';
import { assess, type CheckRule } from './check-rule.ts';
import { unknownOf } from './gathered.ts';
import { foldId, type PreparedFinding } from './prepare-findings.ts';

/** Compiles a rule about findings. @throws PatternError */
export function compileVulnerabilities(rule: VulnerabilitiesRule): CheckRule {
  const counts = compileFilter(rule);
  return ({ evidence, findings }) => {
    const { vulnerabilities, now } = evidence;
    const unknown = unknownOf(vulnerabilities, 'vulnerabilities');
    if (unknown !== undefined) return assess({ unknown: [unknown] });
    const known = vulnerabilities as Exclude<Gathered<VulnerabilityFacts>, { state: 'pending' | 'unavailable' }>;
    if (known.state === 'absent') return assess({ violations: [{ kind: 'missing', what: 'vulnerabilities' }] });
    const changesAt: number[] = [];
    const found: PreparedFinding[] = [];
    for (const finding of findings()) {
      if (!counts(finding)) continue;
      const end = endOfGrace(rule.grace, finding, known.at);
      if (end !== undefined) changesAt.push(end);
      if (end === undefined || now >= end) found.push(finding);
    }
    const hidden = incompleteFacts(known.value);
    const isOpen = rule.incomplete === 'allow';
    const violations: Fact[] = [...found.map(({ fact }) => fact), ...(isOpen ? [] : hidden)];
    const { unknown: stale, changesAt: staleAt } = staleness(rule, known.value, known.at, now);
    const changes = [...changesAt, ...staleAt];
    return assess({ violations, findings: found, unknown: stale, support: isOpen ? hidden : [], changesAt: changes });
  };
}

function compileFilter(rule: VulnerabilitiesRule): (finding: PreparedFinding) => boolean {
  const { severity, fixable, exploited, epss } = rule;
  const ids = rule.ids === undefined ? undefined : new Set(rule.ids.map(foldId));
  const packages = rule.packages === undefined ? undefined : compilePatterns(rule.packages);
  const ignored: ReadonlySet<string> = new Set(rule.ignoreStatuses);
  const worst = new Set(severity === undefined ? severities : severities.slice(severities.indexOf(severity)));
  return ({ fact, ids: own, vendorIds }) =>
    worst.has(fact.severity) &&
    (fixable !== true || fact.fixedVersions.length > 0) &&
    (exploited !== true || fact.knownExploited !== undefined) &&
    (epss === undefined || (fact.epss !== undefined && fact.epss.score >= epss)) &&
    !ignored.has(fact.status) &&
    (ids === undefined || own.some((id) => ids.has(id)) || vendorIds.some((id) => ids.has(id))) &&
    (packages === undefined || matchesAny(packages, fact.package.name));
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
  { databaseBuiltAt }: VulnerabilityFacts,
  scannedAt: number,
  now: number,
): { readonly unknown: readonly UnknownFact[]; readonly changesAt: readonly number[] } {
  const parts = [
    isOver('the database that was asked is too old', databaseBuiltAt, maxDatabaseAge, now),
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
