import type { CodeLine, ConfigReport, ReportedFile } from '../../src/finding/config-report.ts';
import type { CheckInfo, Misconfiguration } from '../../src/finding/misconfiguration.ts';

/** A check with words for a test. */
export function sampleCheck(changes: Partial<CheckInfo> = {}): CheckInfo {
  return {
    id: 'DS-0001',
    aliases: ['AVD-DS-0001', 'DS001', 'use-specific-tags'],
    severity: 'MEDIUM',
    title: 'A title',
    description: 'What can come of it.',
    resolution: 'Do something else.',
    ...changes,
  };
}

/** A file in which checks were looked at. */
export function sampleFile(
  path: string,
  failures: readonly Misconfiguration[],
  changes: Partial<ReportedFile> = {},
): ReportedFile {
  const code = new Map<Misconfiguration, readonly CodeLine[]>();
  for (const failure of failures) {
    if (failure.lines === undefined) continue;
    const { start } = failure.lines;
    code.set(failure, [{ number: start, content: `line ${start}`, truncated: false }]);
  }
  return { path, type: 'dockerfile', failures, ignored: [], passed: [], problems: [], code, ...changes };
}

/** A report on such files. */
export function sampleConfigReport(files: readonly ReportedFile[], changes: Partial<ConfigReport> = {}): ConfigReport {
  return { name: 'deploy', folder: 'deploy', files, problems: [], createdAt: '2026-01-02T03:04:05.000Z', ...changes };
}
