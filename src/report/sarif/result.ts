import { createHash } from 'node:crypto';
import type { Result } from 'sarif';
import type { Artifact } from '../../finding/scan-report.ts';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';
import { packagePath, type TargetGroup } from '../group-targets.ts';
import { sarifLevel } from './rule.ts';
import { rootPath } from './run.ts';
import { artifactPath, pathUri } from './uri.ts';

/** One finding. */
export function sarifResult(finding: VulnerabilityFinding, group: TargetGroup, artifact: Artifact, ruleIndex: number): Result {
  const { id, package: pkg, severity, fixedVersions, primaryUrl } = finding;
  const path = (group.class === 'lang-pkgs' && packagePath(pkg)) || artifactPath(artifact.name);
  const facts = [
    `Package: ${pkg.name}`,
    `Installed version: ${pkg.version}`,
    `Vulnerability: ${id}`,
    `Severity: ${severity}`,
    `Status: ${finding.status}`,
    `Fixed version: ${fixedVersions.join(', ') || 'none yet'}`,
    `Link: ${primaryUrl}`,
  ];
  return {
    ruleId: id,
    ruleIndex,
    level: sarifLevel(severity),
    message: { text: facts.join('\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: pathUri(path), uriBaseId: rootPath },
          // Packages have no lines, but code scanners want a region.
          region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
        },
        message: { text: `${path}: ${pkg.name}@${pkg.version}` },
      },
    ],
    partialFingerprints: fingerprints(finding, path),
    properties: { purl: pkg.purl, ...(finding.knownExploited === undefined ? {} : { knownExploited: true }) },
  };
}

/** The same for one flaw in one place whatever version is installed, so that an alert stays one alert over time. */
function fingerprints({ id, package: pkg }: VulnerabilityFinding, path: string): Record<string, string> {
  const hash = createHash('sha256').update([id, pkg.type, pkg.name, path].join('\0')).digest('hex').slice(0, 32);
  return { 'seaworthyFinding/v1': hash, primaryLocationLineHash: `${hash}:1` };
}
