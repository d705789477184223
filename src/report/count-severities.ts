import type { SeverityCounts } from '../finding/scan-report.ts';
import type { Severity } from '../finding/severity.ts';

/** How many findings there are of each severity. */
export function countSeverities(findings: Iterable<{ readonly severity: Severity }>): SeverityCounts {
  const counts = { UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}
