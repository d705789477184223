import type { Log } from 'sarif';
import type { ScanReport } from '../../finding/scan-report.ts';
import type { ReportFormat } from '../format.ts';
import { sarifRun } from './run.ts';

/**
 * SARIF 2.1.0 (OASIS, errata 01): one run for each report. Findings that were set aside are not in it: many readers
 * do not know `suppressions` and would show them.
 */
export const sarifReport: ReportFormat = {
  id: 'sarif',
  render(reports: readonly ScanReport[], { version }): string {
    const log: Log = {
      $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
      version: '2.1.0',
      runs: reports.map((report) => sarifRun(report, version, reports.length > 1)),
    };
    return `${JSON.stringify(log, undefined, 2)}\n`;
  },
};
