import type { ScanReport } from '../finding/scan-report.ts';
import type { ReportFormatId } from './format-id.ts';

/** What a report may look like. */
export interface ReportOptions {
  /** The program's version, for reports that name their maker. */
  readonly version: string;
  /** Cells of the terminal; for texts. */
  readonly width: number;
  /** For texts. */
  readonly colour: boolean;
  /** Absolute path of the folder in which the command runs, for reports that name files of source code from there. */
  readonly workingFolder?: string;
  /** Lists packages without findings too. */
  readonly listAllPackages: boolean;
}

/** A way to write reports. To add one: a folder, its id in `format-id.ts`, and a line in `list.ts`. */
export interface ReportFormat {
  readonly id: ReportFormatId;
  /** The whole text, ending in a line end. The same reports always give the same text. */
  render(reports: readonly ScanReport[], options: ReportOptions): string;
}
