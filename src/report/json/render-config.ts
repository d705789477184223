import type { CodeLine, ConfigReport, ReportedFile } from '../../finding/config-report.ts';
import type { CheckInfo, Misconfiguration } from '../../finding/misconfiguration.ts';
import { checkUrl } from '../check-url.ts';
import type { ConfigReportFormat } from '../config-format.ts';
import { goJson, omitEmpty } from './go-json.ts';
import { problemFields } from './problem-fields.ts';

/**
 * Trivy's JSON report on configuration, schema version 2, with the same names, order and left-out members. What Trivy has no place for stands
 * in members named `Seaworthy`. Several reports are an array of such objects; one report is the object itself.
 */
export const jsonConfigReport: ConfigReportFormat = {
  id: 'json',
  render(reports, { includePassed }): string {
    const values = reports.map((report) => reportFields(report, includePassed));
    return `${goJson(values.length === 1 ? values[0] : values)}\n`;
  },
};

function reportFields(report: ConfigReport, includePassed: boolean): unknown {
  return {
    SchemaVersion: 2,
    CreatedAt: report.createdAt,
    ArtifactName: report.name,
    ArtifactType: 'filesystem',
    Metadata: {},
    ...omitEmpty({
      Results: report.files
        .filter(({ problems, failures }) => problems.length === 0 || failures.length > 0)
        .map((file) => resultFields(file, includePassed)),
    }),
    ...omitEmpty({ Seaworthy: omitEmpty({ Problems: report.problems.map(problemFields) }) }),
  };
}

function resultFields(file: ReportedFile, includePassed: boolean): unknown {
  const { path, type, failures, passed, ignored } = file;
  const listed = [
    ...failures.map((failure) => failureFields(failure, file)),
    ...(includePassed ? passed.map((check) => checkFields(check, file, 'PASS', 'No issues found')) : []),
  ];
  return {
    Target: path,
    Class: 'config',
    Type: type,
    MisconfSummary: { Successes: passed.length, Failures: failures.length },
    ...omitEmpty({
      Misconfigurations: listed,
      ExperimentalModifiedFindings: ignored.map(({ failure, by }) => ({
        Type: 'misconfiguration',
        Status: 'ignored',
        Source: by,
        Finding: failureFields(failure, file),
      })),
    }),
  };
}

function failureFields(failure: Misconfiguration, file: ReportedFile): unknown {
  return checkFields(failure.check, file, 'FAIL', failure.message, failure);
}

function checkFields(
  check: CheckInfo,
  { type, code }: ReportedFile,
  status: 'FAIL' | 'PASS',
  message: string,
  failure?: Misconfiguration,
): unknown {
  const url = checkUrl(check);
  const kind = `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;
  const short = check.aliases.find((alias) => /^[A-Z]+\d+$/.test(alias));
  const lines = failure === undefined ? [] : (code.get(failure) ?? []);
  return {
    Type: `${kind} Security Check`,
    ID: check.id,
    ...omitEmpty({ AVDID: check.aliases.find((alias) => alias.startsWith('AVD-')) }),
    Title: check.title,
    Description: check.description,
    Message: message,
    ...omitEmpty({ Namespace: short === undefined ? undefined : `builtin.${type}.${short}` }),
    Resolution: check.resolution,
    Severity: check.severity,
    PrimaryURL: url,
    References: [url],
    Status: status,
    CauseMetadata: {
      ...omitEmpty({ Resource: failure?.resource }),
      Provider: kind,
      Service: 'general',
      ...omitEmpty({ StartLine: failure?.lines?.start, EndLine: failure?.lines?.end }),
      ...omitEmpty({ Code: omitEmpty({ Lines: lines.map((line, at) => lineFields(line, at, lines)) }) }),
    },
  };
}

function lineFields({ number, content, truncated }: CodeLine, at: number, lines: readonly CodeLine[]): unknown {
  const last = lines.findLastIndex((line) => !line.truncated);
  return {
    Number: number,
    Content: content,
    IsCause: !truncated,
    Annotation: '',
    Truncated: truncated,
    ...(truncated ? {} : { Highlighted: content }),
    FirstCause: at === 0,
    LastCause: at === last,
  };
}
