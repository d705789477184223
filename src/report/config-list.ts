import type { ConfigReportFormat } from './config-format.ts';
import { jsonConfigReport } from './json/render-config.ts';
import { sarifConfigReport } from './sarif/render-config.ts';
import { tableConfigReport } from './table/render-config.ts';

/** Every format of reports on configuration, by hand. */
export const configReportFormats: readonly ConfigReportFormat[] = [
  tableConfigReport,
  jsonConfigReport,
  sarifConfigReport,
];

/** The format of that id. */
export function configReportFormat(id: string): ConfigReportFormat | undefined {
  return configReportFormats.find((format) => format.id === id);
}
