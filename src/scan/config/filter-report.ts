import type { ConfigReport, ReportedFile } from '../../finding/config-report.ts';
import type { Misconfiguration } from '../../finding/misconfiguration.ts';
import type { Severity } from '../../finding/severity.ts';
import { isExpired, noRules, type IgnoreRule, type IgnoreRules } from '../../match/ignore/rules.ts';
import { namesOf } from '../../misconfig/run-checks.ts';

/** What to leave out of a report. */
export interface FilterConfigOptions {
  readonly now: Date;
  /** To be shown. */
  readonly severities: ReadonlySet<Severity>;
  readonly rules?: IgnoreRules;
}

/** A report, as it is shown and as it is judged. */
export interface FilteredConfig {
  readonly shown: ConfigReport;
  /** With findings of every severity, rules applied. */
  readonly unfiltered: ConfigReport;
  /** Rules whose time is over. */
  readonly expired: readonly IgnoreRule[];
}

/**
 * Sets aside what the rules of an ignore file name, and leaves out other severities. Ids are compared without regard to case, and any name of a
 * check counts. A rule's `paths` are held against a file's path below the folder that was asked for, and with that folder before it.
 */
export function filterConfig(report: ConfigReport, options: FilterConfigOptions): FilteredConfig {
  const { severities, now, rules = noRules } = options;
  const valid = rules.rules.filter(
    (rule) => (rule.scope === 'any' || rule.scope === 'misconfiguration') && !isExpired(rule, now),
  );
  const byId = Map.groupBy(valid, ({ id }) => id.toLowerCase());
  const files = report.files.map((file) => setAside(file, pathsOf(file.path, report.folder), byId, rules.source));
  const isShown = ({ check }: Misconfiguration): boolean => severities.has(check.severity);
  return {
    unfiltered: { ...report, files },
    shown: {
      ...report,
      files: files.map((file) => ({
        ...file,
        failures: file.failures.filter(isShown),
        ignored: file.ignored.filter(({ failure }) => isShown(failure)),
        passed: file.passed.filter(({ severity }) => severities.has(severity)),
      })),
    },
    expired: rules.rules.filter((rule) => isExpired(rule, now)),
  };
}

function setAside(
  file: ReportedFile,
  paths: readonly string[],
  byId: ReadonlyMap<string, readonly IgnoreRule[]>,
  source: string,
): ReportedFile {
  const failures: Misconfiguration[] = [];
  const ignored = [...file.ignored];
  for (const failure of file.failures) {
    const rule = namesOf(failure.check)
      .flatMap((name) => byId.get(name) ?? [])
      .find((each) => each.purls.length === 0 && covers(each, paths));
    if (rule === undefined) failures.push(failure);
    else {
      const why = rule.statement === undefined ? '' : ` (${rule.statement})`;
      ignored.push({ failure, by: `${source}:${rule.line}${why}` });
    }
  }
  return { ...file, failures, ignored };
}

function covers({ paths }: IgnoreRule, given: readonly string[]): boolean {
  return paths.length === 0 || paths.some((glob) => given.some((path) => glob.matches(path)));
}

function pathsOf(path: string, folder: string): string[] {
  const below = folder.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
  return below === '' || below === '.' ? [path] : [path, `${below}/${path}`];
}
