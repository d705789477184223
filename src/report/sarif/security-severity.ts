import type { Severity } from '../../finding/severity.ts';
import { severityOfScore } from '../../finding/severity.ts';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';

/** Trivy's scores for severities without one: inside the bands that code scanners make words of (pkg/report/sarif.go). */
export const scoreOfSeverity: Readonly<Record<Severity, string>> = {
  CRITICAL: '9.5',
  HIGH: '8.0',
  MEDIUM: '5.5',
  LOW: '2.0',
  UNKNOWN: '0.0',
};

/**
 * A score from 0.0 to 10.0, as a text, which code scanners turn into a word again: the newest rating of whoever the severity
 * comes from, where it gives that very severity. A distribution's LOW must not turn into CRITICAL because the flaw is so
 * elsewhere.
 */
export function securitySeverity({ severity, severitySource, cvss }: VulnerabilityFinding): string {
  const ratings =
    severitySource !== undefined && Object.hasOwn(cvss, severitySource) ? (cvss[severitySource] ?? []) : [];
  const fitting = ratings.filter(({ score }) => score > 0 && score <= 10 && severityOfScore(score) === severity);
  const newest = fitting.toSorted((a, b) => Number.parseFloat(b.version) - Number.parseFloat(a.version))[0];
  return newest?.score.toFixed(1) ?? scoreOfSeverity[severity];
}
