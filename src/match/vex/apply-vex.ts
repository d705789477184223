import type { ScanReport, SuppressedFinding } from '../../finding/scan-report.ts';
import type { VexStatement } from '../../finding/vex.ts';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';
import { setsAside } from './document.ts';
import { scannedTarget } from './scanned-target.ts';
import type { StatementIndex } from './statement-index.ts';

/** Findings, parted. */
export interface VexOutcome {
  /** In the order given, as are the suppressed. */
  readonly kept: readonly VulnerabilityFinding[];
  readonly suppressed: readonly SuppressedFinding[];
}

/**
 * Sets aside the findings of which the latest statement that is about their flaw and their package says `not_affected` or `fixed`. Whoever says
 * `affected` or `under_investigation` sets nothing aside, and takes back what was said before.
 *
 * @param findings of the report, those that ignore rules have left
 */
export function applyVex(
  findings: readonly VulnerabilityFinding[],
  report: Pick<ScanReport, 'artifact' | 'inventory'>,
  statements: StatementIndex,
): VexOutcome {
  const target = scannedTarget(report);
  const kept: VulnerabilityFinding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const said = statements
      .about(finding)
      .find(({ products }) => products.some((product) => target.isAbout(product, finding.package)));
    if (said === undefined || !setsAside(said)) {
      kept.push(finding);
      continue;
    }
    const statement = reasonOf(said);
    suppressed.push({
      finding,
      status: said.status,
      source: said.source,
      ...(statement === '' ? {} : { statement }),
    });
  }
  return { kept, suppressed };
}

/** The label, which programs know, and then the words. */
function reasonOf({ justification, statement }: VexStatement): string {
  return [justification, statement].filter((text) => text !== undefined && text !== '').join(': ');
}
