import type { Log } from 'sarif';
import { printableJson } from '../../base/printable-json.ts';
import type { ScanReport } from '../../finding/scan-report.ts';
import type { ReportFormat } from '../format.ts';
import { sarifRun } from './run.ts';

/**
 * SARIF 2.1.0 (OASIS, errata 01): one run for each report.
 *
 * Findings that were set aside are not in it, as in Trivy's: code scanning services do not know `suppressions` and would
 * open an alert for each. The JSON report lists them.
 */
export function renderSarif(
  reports: readonly ScanReport[],
  { toolVersion, workingFolder }: { readonly toolVersion: string; readonly workingFolder?: string | undefined },
): string {
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: reports.map((report) => sarifRun(report, toolVersion, reports.length > 1, workingFolder)),
  };
  return `${printableJson(log)}\n`;
}

/** As `renderSarif`. */
export const sarifReport: ReportFormat = {
  id: 'sarif',
  render: (reports, { version, workingFolder }) => renderSarif(reports, { toolVersion: version, workingFolder }),
};
