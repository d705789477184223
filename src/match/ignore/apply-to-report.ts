import type { ScanReport } from '../../finding/scan-report.ts';
import { severities as allSeverities, type Severity } from '../../finding/severity.ts';
import { applyVex } from '../vex/apply-vex.ts';
import type { StatementIndex } from '../vex/statement-index.ts';
import { applyIgnore, type ApplyIgnoreOptions } from './apply-ignore.ts';
import { filterFindings, passesFilter } from './filter.ts';
import { noRules, type IgnoreRule, type IgnoreRules } from './rules.ts';

/** What to leave out of a report. */
export interface FilterReportOptions extends ApplyIgnoreOptions {
  /** To be shown; every severity when absent. */
  readonly severities?: ReadonlySet<Severity>;
  /** As of `FindingFilter`. */
  readonly ignoreUnfixed?: boolean;
  /** No rules when absent. */
  readonly rules?: IgnoreRules;
  /** What VEX documents say; nothing when absent. */
  readonly vex?: StatementIndex;
}

/** One scan's report, as it is shown and as it is judged. */
export interface FilteredReport {
  /** After all filters: what a reader asked for. */
  readonly shown: ScanReport;
  /**
   * With findings of every severity, so that `--fail-on` can judge what `--severity` hides. What the user said not to care
   * about stays out of it too: what a rule ignores or a VEX document clears, and what has no fix when `ignoreUnfixed` is set.
   */
  readonly unfiltered: ScanReport;
  /** Rules whose time is over. */
  readonly expired: readonly IgnoreRule[];
  /** Rules that hold and matched no finding of any severity or status. */
  readonly unused: readonly IgnoreRule[];
}

const everySeverity: ReadonlySet<Severity> = new Set(allSeverities);

/**
 * Applies severity, then status, then ignore rules, then VEX documents, as Trivy does (aquasecurity/trivy, pkg/result/filter.go): what the first
 * two leave out is not listed as suppressed either. What was suppressed before goes by its severity alone.
 */
export function filterReport(report: ScanReport, options: FilterReportOptions): FilteredReport {
  const { severities = everySeverity, ignoreUnfixed = false, rules = noRules, vex } = options;
  // Filters and rules judge each finding by itself, so the rules may go first: they see every finding then, and tell
  // which of them are of no use.
  const { kept: left, suppressed: ignored, expired, unused } = applyIgnore(report.findings, rules, options);
  const { kept, suppressed: cleared } =
    vex === undefined ? { kept: left, suppressed: [] } : applyVex(left, report, vex);
  const suppressed = [...ignored, ...cleared];
  const through = (chosen: ReadonlySet<Severity>): ScanReport => {
    const filter = { severities: chosen, ignoreUnfixed };
    return {
      ...report,
      findings: filterFindings(kept, filter).kept,
      suppressed: [
        ...report.suppressed.filter(({ finding }) => chosen.has(finding.severity)),
        ...suppressed.filter(({ finding }) => passesFilter(finding, filter)),
      ],
    };
  };
  return { shown: through(severities), unfiltered: through(everySeverity), expired, unused };
}
