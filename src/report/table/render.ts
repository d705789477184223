import type { ScanReport } from '../../finding/scan-report.ts';
import type { ReportFormat } from '../format.ts';
import { paintWith } from '../text/style.ts';
import { renderReport } from './render-report.ts';
import { renderSummary } from './render-summary.ts';

/** Narrower terminals get lines that are too long: ids and versions would be cut to bits. */
const leastWidth = 60;

/** For people: one table for each kind of package, and below what was not looked at, set aside or found good. */
export const tableReport: ReportFormat = {
  id: 'table',
  render(reports: readonly ScanReport[], { width, colour }): string {
    const options = { width: Math.max(leastWidth, width), paint: paintWith(colour) };
    const lines = reports.flatMap((report, index) => [
      ...(index === 0 ? [] : ['', '']),
      ...renderReport(report, options),
    ]);
    if (reports.length > 1) lines.push('', '', ...renderSummary(reports, options));
    return `${lines.join('\n')}\n`;
  },
};
