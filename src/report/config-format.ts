import type { ConfigReport } from '../finding/config-report.ts';
import type { ReportFormatId } from './format-id.ts';

/** What a report on configuration may look like. */
export interface ConfigReportOptions {
  /** The program's version, for reports that name their maker. */
  readonly version: string;
  /** Cells of the terminal; for texts. */
  readonly width: number;
  /** For texts. */
  readonly colour: boolean;
  /** Absolute path of the folder in which the command runs, for reports that name files from there; without one, as they were named. */
  readonly workingFolder?: string;
  /** Lists the checks that passed, too. */
  readonly includePassed: boolean;
}

/** A way to write reports on configuration. */
export interface ConfigReportFormat {
  readonly id: ReportFormatId;
  /** The whole text, ending in a line end. The same reports always give the same text. */
  render(reports: readonly ConfigReport[], options: ConfigReportOptions): string;
}
