import { createHash } from 'node:crypto';
import type { Region, Result } from 'sarif';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';
import type { LineRange } from '../../package/package.ts';
import { packagePath, type TargetGroup } from '../group-targets.ts';
import { sarifLevel, sarifRuleId } from './rule.ts';
import { isWebAddress, sarifMessageText, sarifText } from './text.ts';
import { pathUri } from './uri.ts';

/** Where the paths of results start. */
export interface ResultPlace {
  /** Of the base of all paths. */
  readonly id: string;
  /** Stands before paths of packages: empty, or a folder below the base with a slash. */
  readonly folder: string;
  /** Path where findings of the distribution's packages are shown. */
  readonly home: string;
}

/**
 * One finding.
 *
 * @param ruleIndex of the flaw's rule in the driver's list
 */
export function sarifResult(
  finding: VulnerabilityFinding,
  group: TargetGroup,
  { id: uriBaseId, folder, home }: ResultPlace,
  ruleIndex: number,
): Result {
  const { package: pkg, severity, fixedVersions, primaryUrl } = finding;
  const own = group.class === 'lang-pkgs' ? packagePath(pkg) : '';
  const path = own === '' ? home : `${folder}${own}`;
  const id = sarifMessageText(finding.id);
  const facts = [
    `Package: ${sarifMessageText(pkg.name)}`,
    `Installed Version: ${sarifMessageText(pkg.version)}`,
    `Vulnerability ${id}`,
    `Severity: ${severity}`,
    `Status: ${finding.status}`,
    `Fixed Version: ${sarifMessageText(fixedVersions.join(', ')) || 'none yet'}`,
    // A link's target is not unescaped, and it would end at a parenthesis.
    ...(isWebAddress(primaryUrl) ? [`Link: [${id}](${primaryUrl.replaceAll('(', '%28').replaceAll(')', '%29')})`] : []),
  ];
  return {
    ruleId: sarifRuleId(finding),
    ruleIndex,
    level: sarifLevel(severity),
    message: { text: facts.join('\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: pathUri(path), uriBaseId },
          region: regionOf(pkg.lines),
        },
        message: { text: `${sarifMessageText(path)}: ${sarifMessageText(pkg.name)}@${sarifMessageText(pkg.version)}` },
      },
    ],
    partialFingerprints: fingerprints(finding, path),
    properties: {
      purl: sarifText(pkg.purl),
      ...(finding.knownExploited === undefined ? {} : { knownExploited: true }),
    },
  };
}

/** Only lock files have lines, but code scanners want a region. */
function regionOf(lines: LineRange | undefined): Region {
  if (lines === undefined) return { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
  return { startLine: lines.start, endLine: lines.end };
}

/**
 * The same for one flaw in one package at one place whatever version is installed, so that an alert stays one alert over
 * time. Of `primaryLocationLineHash`, which code scanning goes by, the part after the colon counts equal hashes of a file.
 */
function fingerprints({ id, package: pkg }: VulnerabilityFinding, path: string): Record<string, string> {
  const hash = createHash('sha256')
    .update([id, pkg.type, pkg.name, pkg.arch ?? '', path].join('\0'))
    .digest('hex')
    .slice(0, 32);
  return { 'seaworthyFinding/v1': hash, primaryLocationLineHash: `${hash}:1` };
}
