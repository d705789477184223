import { createHash } from 'node:crypto';
import type { Log, ReportingDescriptor, Result, Run } from 'sarif';
import { printableJson } from '../../base/printable-json.ts';
import type { ConfigReport, ReportedFile } from '../../finding/config-report.ts';
import type { CheckInfo, Misconfiguration } from '../../finding/misconfiguration.ts';
import { checkUrl } from '../check-url.ts';
import type { ConfigReportFormat } from '../config-format.ts';
import { checkout, pathFromCheckout } from './from-checkout.ts';
import { markdownText } from './markdown.ts';
import { notificationOf } from './notification.ts';
import { sarifLevel } from './rule.ts';
import { scoreOfSeverity } from './security-severity.ts';
import { sarifMessageText, sarifText } from './text.ts';
import { pathUri } from './uri.ts';

/** SARIF 2.1.0 (OASIS, errata 01): one run for each report. What was set aside is not in it, as in reports on images. */
export const sarifConfigReport: ConfigReportFormat = {
  id: 'sarif',
  render(reports, { version, workingFolder }): string {
    const log: Log = {
      $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
      version: '2.1.0',
      runs: reports.map((report) => runOf(fromFolder(report, workingFolder), version, reports.length > 1)),
    };
    return `${printableJson(log)}\n`;
  },
};

/** Files of a folder that lies elsewhere are named from that folder, which is the checkout then: that of a container is mounted anywhere. */
function fromFolder(report: ConfigReport, workingFolder: string | undefined): ConfigReport {
  if (workingFolder === undefined) return report;
  const path = pathFromCheckout(report.name, workingFolder);
  if (report.folder !== '') return { ...report, name: path ?? report.name, folder: path ?? '.' };
  return path === undefined ? report : { ...report, name: path };
}

function runOf({ name, folder, files, problems, createdAt }: ConfigReport, version: string, named: boolean): Run {
  const rules: ReportingDescriptor[] = [];
  const indexes = new Map<string, number>();
  const results = files.flatMap((file) =>
    file.failures.map((failure) => {
      const { check } = failure;
      let index = indexes.get(check.id);
      if (index === undefined) {
        index = rules.push(ruleOf(check)) - 1;
        indexes.set(check.id, index);
      }
      return resultOf(failure, file, folder === '' ? name : `${folder}/${file.path}`, index);
    }),
  );
  return {
    tool: { driver: { name: 'Seaworthy', fullName: 'Seaworthy configuration scanner', version, rules } },
    ...(named ? { automationDetails: { id: `${sarifText(name)}/` } } : {}),
    invocations: [
      {
        executionSuccessful: !problems.some(({ incomplete }) => incomplete === true),
        endTimeUtc: createdAt,
        ...(problems.length === 0 ? {} : { toolExecutionNotifications: problems.map(notificationOf) }),
      },
    ],
    results,
    columnKind: 'utf16CodeUnits',
  };
}

function ruleOf(check: CheckInfo): ReportingDescriptor {
  const { id, title, description, resolution, severity } = check;
  const url = checkUrl(check);
  return {
    id,
    name: 'Misconfiguration',
    shortDescription: { text: title },
    fullDescription: { text: description },
    defaultConfiguration: { level: sarifLevel(severity) },
    helpUri: url,
    help: {
      text: [`Misconfiguration ${id}`, `Severity: ${severity}`, `Link: ${url}`, '', description, resolution].join('\n'),
      markdown: [
        `**Misconfiguration ${markdownText(id)}** (${severity}): [${markdownText(id)}](<${url}>)`,
        '',
        markdownText(description),
        '',
        markdownText(resolution),
      ].join('\n'),
    },
    properties: {
      precision: 'very-high',
      'security-severity': scoreOfSeverity[severity],
      tags: ['misconfiguration', 'security', severity],
    },
  };
}

function resultOf(failure: Misconfiguration, { type }: ReportedFile, path: string, ruleIndex: number): Result {
  const { check, message, lines, resource } = failure;
  const facts = [
    `Artifact: ${sarifMessageText(path)}`,
    `Type: ${type}`,
    ...(resource === undefined ? [] : [`Resource: ${sarifMessageText(resource)}`]),
    `Check ${check.id}`,
    `Severity: ${check.severity}`,
    `Message: ${sarifMessageText(message)}`,
    `Link: [${check.id}](${checkUrl(check)})`,
  ];
  return {
    ruleId: check.id,
    ruleIndex,
    level: sarifLevel(check.severity),
    message: { text: facts.join('\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: pathUri(path), uriBaseId: checkout },
          // What is missing has no line, but code scanners want a region.
          region: { startLine: lines?.start ?? 1, startColumn: 1, endLine: lines?.end ?? 1, endColumn: 1 },
        },
        message: { text: sarifMessageText(path) },
      },
    ],
    partialFingerprints: fingerprints(failure, path),
  };
}

/** The same as long as it is the same finding in the same file, whatever line it moves to. */
function fingerprints({ check, message, resource = '' }: Misconfiguration, path: string): Record<string, string> {
  const hash = createHash('sha256').update([check.id, path, resource, message].join('\0')).digest('hex').slice(0, 32);
  return { 'seaworthyFinding/v1': hash };
}
