import type { ReportingDescriptor, Run } from 'sarif';
import type { ScanReport } from '../../finding/scan-report.ts';
import { groupTargets } from '../group-targets.ts';
import { notificationOf } from './notification.ts';
import { rootPath, sarifResult } from './result.ts';
import { sarifRule, sarifRuleId } from './rule.ts';
import { sarifText } from './text.ts';
import { artifactPath } from './uri.ts';

/**
 * One report as a run: the flaws are the driver's rules, the findings its results, and what could not be looked at are
 * notifications, the execution being unsuccessful where packages may be missing for it (§3.20.14, §3.20.21).
 *
 * @param version the program's
 * @param named tells runs of one file apart, as their readers ask for (§3.17.3)
 */
export function sarifRun(report: ScanReport, version: string, named: boolean): Run {
  const { artifact, database, problems } = report;
  const name = sarifText(artifact.name);
  const home = artifactPath(artifact);
  const rules: ReportingDescriptor[] = [];
  const indexes = new Map<string, number>();
  const results = groupTargets(report).flatMap((group) =>
    group.findings.map((finding) => {
      const id = sarifRuleId(finding);
      let index = indexes.get(id);
      if (index === undefined) {
        index = rules.length;
        indexes.set(id, index);
        rules.push(sarifRule(finding, group));
      }
      return sarifResult(finding, group, home, index);
    }),
  );
  return {
    tool: { driver: { name: 'Seaworthy', fullName: 'Seaworthy vulnerability scanner', version, rules } },
    ...(named ? { automationDetails: { id: `${name}/` } } : {}),
    invocations: [
      {
        executionSuccessful: !problems.some(({ incomplete }) => incomplete === true),
        endTimeUtc: report.createdAt,
        ...(problems.length === 0 ? {} : { toolExecutionNotifications: problems.map(notificationOf) }),
      },
    ],
    originalUriBaseIds: { [rootPath]: { uri: 'file:///' } },
    results,
    columnKind: 'utf16CodeUnits',
    properties: {
      imageName: name,
      ...(artifact.image === undefined
        ? {}
        : {
            imageID: artifact.image.imageId,
            repoTags: artifact.image.repoTags.map(sarifText),
            repoDigests: artifact.image.repoDigests.map(sarifText),
          }),
      ...(database === undefined ? {} : { databaseBuiltAt: database.builtAt }),
    },
  };
}
