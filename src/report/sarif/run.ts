import type { Notification, ReportingDescriptor, Run } from 'sarif';
import type { Problem } from '../../base/problem.ts';
import type { ScanReport } from '../../finding/scan-report.ts';
import { groupTargets } from '../group-targets.ts';
import { sarifResult } from './result.ts';
import { sarifRule } from './rule.ts';

/** The base of all paths: the image's root. */
export const rootPath = 'ROOTPATH';

/** One report as a run. @param named tells runs of one file apart, as their readers ask for (§3.17.3) */
export function sarifRun(report: ScanReport, version: string, named: boolean): Run {
  const { artifact, database, problems } = report;
  const rules: ReportingDescriptor[] = [];
  const indexes = new Map<string, number>();
  const results = groupTargets(report).flatMap((group) =>
    group.findings.map((finding) => {
      let index = indexes.get(finding.id);
      if (index === undefined) {
        index = rules.length;
        indexes.set(finding.id, index);
        rules.push(sarifRule(finding, group));
      }
      return sarifResult(finding, group, artifact, index);
    }),
  );
  return {
    tool: {
      driver: { name: 'Seaworthy', fullName: 'Seaworthy vulnerability scanner', version, rules },
    },
    ...(named ? { automationDetails: { id: `${artifact.name}/` } } : {}),
    invocations: [
      {
        executionSuccessful: !problems.some(({ incomplete }) => incomplete === true),
        endTimeUtc: report.createdAt,
        ...(problems.length === 0 ? {} : { toolExecutionNotifications: problems.map(notification) }),
      },
    ],
    originalUriBaseIds: { [rootPath]: { uri: 'file:///' } },
    results,
    columnKind: 'utf16CodeUnits',
    properties: {
      imageName: artifact.name,
      ...(artifact.image === undefined
        ? {}
        : {
            imageID: artifact.image.imageId,
            repoTags: [...artifact.image.repoTags],
            repoDigests: [...artifact.image.repoDigests],
          }),
      ...(database === undefined ? {} : { databaseBuiltAt: database.builtAt }),
    },
  };
}

function notification({ code, subject, message, incomplete }: Problem): Notification {
  return {
    descriptor: { id: code },
    level: incomplete === true ? 'error' : 'warning',
    message: { text: `${subject}: ${message}` },
  };
}
