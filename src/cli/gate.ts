import { compareSeverity, type Severity } from '../finding/severity.ts';
import type { ConfigReport } from '../finding/config-report.ts';
import type { ScanReport } from '../finding/scan-report.ts';
import { exitCode } from './exit-code.ts';

/** The settings that decide about the exit status. */
export interface GateSettings {
  readonly exitCode: number;
  readonly failOn?: Severity;
  /** 0 for none. */
  readonly exitOnEol: number;
}

/**
 * The exit status of a scan.
 *
 * What could not be looked at comes first: a scan that missed a layer never passes as clean, nor as merely vulnerable. Then, with
 * `--exit-on-eol`, comes a release that gets no more fixes, since what is found in it says little; one of which that is not known
 * fails for nothing.
 * With `--fail-on`, only findings that are at least so bad count, whether or not `--severity` shows them, and the
 * status is `--exit-code`, or 1 where that is 0. Without it, any finding shown counts, and the status is `--exit-code`.
 *
 * @param unfiltered reports before the filter on severities, ignore rules applied
 * @param shown reports as shown
 */
export function scanStatus(
  unfiltered: readonly ScanReport[],
  shown: readonly ScanReport[],
  { exitCode: wanted, failOn, exitOnEol }: GateSettings,
): number {
  if (unfiltered.some(({ problems }) => problems.some(({ incomplete }) => incomplete === true))) return exitCode.error;
  if (exitOnEol !== 0 && unfiltered.some(({ endOfLife }) => endOfLife === true)) return exitOnEol;
  if (failOn !== undefined) {
    const failing = unfiltered.some(({ findings }) =>
      findings.some(({ severity }) => compareSeverity(severity, failOn) >= 0),
    );
    return failing ? wanted || exitCode.findings : exitCode.ok;
  }
  return shown.some(({ findings }) => findings.length > 0) ? wanted : exitCode.ok;
}

/**
 * The exit status of checks of configuration, by the same rules: what could not be looked at first, then `--fail-on`, which sees what `--severity`
 * hides, and else whatever is shown.
 *
 * @param unfiltered reports before the filter on severities, ignore rules applied
 * @param shown reports as shown
 */
export function configStatus(
  unfiltered: readonly ConfigReport[],
  shown: readonly ConfigReport[],
  { exitCode: wanted, failOn }: Pick<GateSettings, 'exitCode' | 'failOn'>,
): number {
  if (unfiltered.some(({ problems }) => problems.some(({ incomplete }) => incomplete === true))) return exitCode.error;
  const failures = (failOn === undefined ? shown : unfiltered)
    .flatMap(({ files }) => files)
    .flatMap((file) => file.failures);
  if (failOn === undefined) return failures.length > 0 ? wanted : exitCode.ok;
  const isFailing = failures.some(({ check }) => compareSeverity(check.severity, failOn) >= 0);
  return isFailing ? wanted || exitCode.findings : exitCode.ok;
}
