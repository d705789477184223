import type { Severity } from '../../finding/severity.ts';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';

/** What to leave out other than by rules. */
export interface FindingFilter {
  /** Findings of another severity are left out. */
  readonly severities: ReadonlySet<Severity>;
  /**
   * Leaves out every status but `fixed`: Trivy defines its flag so (aquasecurity/trivy, pkg/flag/vulnerability_flags.go),
   * so `unknown` and `under_investigation` go too, and a version to update to does not count without the status.
   */
  readonly ignoreUnfixed: boolean;
}

/** What a filter let through and what it did not, each in the order given. */
export interface FilteredFindings {
  readonly kept: readonly VulnerabilityFinding[];
  readonly removed: readonly VulnerabilityFinding[];
}

/** Parts findings by severity and status. */
export function filterFindings(findings: readonly VulnerabilityFinding[], filter: FindingFilter): FilteredFindings {
  const kept: VulnerabilityFinding[] = [];
  const removed: VulnerabilityFinding[] = [];
  for (const finding of findings) (passesFilter(finding, filter) ? kept : removed).push(finding);
  return { kept, removed };
}

/** True when a filter lets a finding through. */
export function passesFilter(
  { severity, status }: VulnerabilityFinding,
  { severities, ignoreUnfixed }: FindingFilter,
): boolean {
  return severities.has(severity) && (!ignoreUnfixed || status === 'fixed');
}
