import { compareText } from '../base/compare-text.ts';
import { compareSeverity } from './severity.ts';
import type { VulnerabilityFinding } from './vulnerability.ts';

/** Trivy's order: package name, version, severity (worst first), id, path; then the purl, so that nothing is left to chance. */
export function compareFindings(a: VulnerabilityFinding, b: VulnerabilityFinding): number {
  return (
    compareText(a.package.name, b.package.name) ||
    compareText(a.package.version, b.package.version) ||
    compareSeverity(b.severity, a.severity) ||
    compareText(a.id, b.id) ||
    compareText(a.package.locations[0]?.path ?? '', b.package.locations[0]?.path ?? '') ||
    compareText(a.package.purl, b.package.purl)
  );
}
