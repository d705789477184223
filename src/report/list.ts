import type { ReportFormat } from './format.ts';
import { jsonReport } from './json/render.ts';
import { sarifReport } from './sarif/render.ts';
import { tableReport } from './table/render.ts';

/** Every format, by hand. */
export const reportFormats: readonly ReportFormat[] = [tableReport, jsonReport, sarifReport];

/** The format of that id. */
export function reportFormat(id: string): ReportFormat | undefined {
  return reportFormats.find((format) => format.id === id);
}
