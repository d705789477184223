import { compareText } from '../../../base/compare-text.ts';
import { compareSeverity, severities, type Severity } from '../../../finding/severity.ts';
import type { Evidence, FindingFacts, VulnerabilityFacts } from '../../../policy/evidence.ts';
import { gatekeeperLimits } from '../limits.ts';

/** One flaw of an image. */
export interface ScannedFlaw {
  readonly id: string;
  readonly severity: Severity;
  readonly package: string;
  readonly version: string;
  /** Lowest first; empty when none is known. */
  readonly fixedVersions: readonly string[];
  /** Whether CISA lists it as exploited. */
  readonly exploited: boolean;
}

/** What templates of Rego read of an image's flaws, of all its platforms together. */
export interface ScanFacts {
  /** RFC 3339: when the first of its platforms was looked at. */
  readonly scannedAt: string;
  /** RFC 3339; absent where the database does not say. */
  readonly databaseBuiltAt?: string;
  /** The same, or earlier where the database had to do with what an older one had of a feed. */
  readonly databaseWholeAt?: string;
  /** False where packages may be missing; then `problems` says why. */
  readonly complete: boolean;
  readonly problems: readonly string[];
  /** How many flaws there are of each severity. */
  readonly counts: Readonly<Record<Severity, number>>;
  readonly total: number;
  /** How many of them a newer version mends, and how many are exploited. */
  readonly fixable: number;
  readonly exploited: number;
  /** `NONE` where there is no flaw. */
  readonly worst: Severity | 'NONE';
  /** The worst come first. */
  readonly flaws: readonly ScannedFlaw[];
  /** How many are not among them, since there are so many. */
  readonly more: number;
}

/** The flaws of an image, or why they are not known. What is known of some of its platforms only is not known of the image. */
export function scanFactsOf(evidence: readonly Evidence[]): ScanFacts | { readonly reason: string } {
  const known: { readonly value: VulnerabilityFacts; readonly at: number }[] = [];
  for (const { vulnerabilities } of evidence) {
    switch (vulnerabilities?.state) {
      case 'known':
        known.push(vulnerabilities);
        break;
      case 'pending':
        return { reason: 'it is being scanned; try again in a moment' };
      case 'unavailable':
        return { reason: vulnerabilities.reason };
      default:
        return { reason: 'there is no such image in its registry' };
    }
  }
  if (known.length === 0) return { reason: 'it has nothing that could be scanned' };
  const flaws = distinct(known.flatMap(({ value }) => value.findings));
  const problems = known.flatMap(({ value }) => value.incomplete.map(({ message }) => message));
  const built = known.flatMap(({ value: { databaseBuiltAt: each } }) => (each === undefined ? [] : [each]));
  const whole = known.flatMap(({ value: { databaseBuiltAt, databaseWholeAt: each = databaseBuiltAt } }) => each ?? []);
  const most = gatekeeperLimits.flaws;
  return {
    scannedAt: textOf(Math.min(...known.map(({ at }) => at))),
    ...(built.length === 0 ? {} : { databaseBuiltAt: textOf(Math.min(...built)) }),
    ...(whole.length === 0 ? {} : { databaseWholeAt: textOf(Math.min(...whole)) }),
    complete: problems.length === 0,
    problems: [...new Set(problems)].slice(0, gatekeeperLimits.problems),
    counts: Object.fromEntries(
      severities.map((each) => [each, flaws.filter(({ severity }) => severity === each).length]),
    ) as Record<Severity, number>,
    total: flaws.length,
    fixable: flaws.filter(({ fixedVersions }) => fixedVersions.length > 0).length,
    exploited: flaws.filter(({ exploited }) => exploited).length,
    worst: flaws[0]?.severity ?? 'NONE',
    flaws: flaws.slice(0, most),
    more: Math.max(0, flaws.length - most),
  };
}

/** Each flaw of a package once, though several platforms have it; the worst first, and what is exploited before what is not. */
function distinct(findings: readonly FindingFacts[]): ScannedFlaw[] {
  const flaws = new Map<string, ScannedFlaw>();
  for (const { id, severity, fixedVersions, knownExploited, package: of } of findings) {
    const { type, name, version } = of;
    const key = JSON.stringify([id, type, name, version]);
    const exploited = knownExploited !== undefined;
    if (!flaws.has(key)) flaws.set(key, { id, severity, package: name, version, fixedVersions, exploited });
  }
  return [...flaws.values()].sort(
    (a, b) =>
      compareSeverity(b.severity, a.severity) ||
      Number(b.exploited) - Number(a.exploited) ||
      compareText(a.id, b.id) ||
      compareText(a.package, b.package) ||
      compareText(a.version, b.version),
  );
}

function textOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
