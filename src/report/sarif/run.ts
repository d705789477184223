import type { ReportingDescriptor, Run } from 'sarif';
import type { Artifact, ScanReport } from '../../finding/scan-report.ts';
import { groupTargets } from '../group-targets.ts';
import { checkout, pathFromCheckout } from './from-checkout.ts';
import { notificationOf } from './notification.ts';
import { type ResultPlace, sarifResult } from './result.ts';
import { sarifRule, sarifRuleId } from './rule.ts';
import { sarifText } from './text.ts';
import { artifactPath } from './uri.ts';

/** The base of all paths of an image: its root. */
const rootPath = 'ROOTPATH';

/**
 * One report as a run: the flaws are the driver's rules, the findings its results, and what could not be looked at are
 * notifications, the execution being unsuccessful where packages may be missing for it (§3.20.14, §3.20.21).
 *
 * @param version the program's
 * @param named tells runs of one file apart, as their readers ask for (§3.17.3)
 * @param workingFolder where files of source code are named from
 */
export function sarifRun(report: ScanReport, version: string, named: boolean, workingFolder?: string): Run {
  const { artifact, database, problems } = report;
  const base = baseOf(artifact, workingFolder);
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
      return sarifResult(finding, group, { ...base, home }, index);
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
    ...(base.id === rootPath ? { originalUriBaseIds: { [rootPath]: { uri: 'file:///' } } } : {}),
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

/** Paths of source code start at the checkout, where the working folder is taken to be; where it is not, the folder that was named is. */
function baseOf({ folder }: Artifact, workingFolder: string | undefined): Omit<ResultPlace, 'home'> {
  if (folder === undefined) return { id: rootPath, folder: '' };
  const path = workingFolder === undefined ? undefined : pathFromCheckout(folder, workingFolder);
  return { id: checkout, folder: path === undefined || path === '.' ? '' : `${path}/` };
}
