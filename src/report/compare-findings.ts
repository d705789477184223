import { compareSeverity } from '../finding/severity.ts';
import type { VulnerabilityFinding } from '../finding/vulnerability.ts';

/** Trivy's order: package name, version, severity (worst first), id, path. */
export function compareFindings(a: VulnerabilityFinding, b: VulnerabilityFinding): number {
  return (
    compareText(a.package.name, b.package.name) ||
    compareText(a.package.version, b.package.version) ||
    compareSeverity(b.severity, a.severity) ||
    compareText(a.id, b.id) ||
    compareText(a.package.locations[0]?.path ?? '', b.package.locations[0]?.path ?? '')
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
