import type { ReportingConfiguration, ReportingDescriptor } from 'sarif';
import type { Severity } from '../../finding/severity.ts';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';
import type { TargetGroup } from '../group-targets.ts';
import { markdownText } from './markdown.ts';

const levels: Readonly<Record<Severity, ReportingConfiguration.level>> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
  UNKNOWN: 'note',
};

/** Inside the bands that code scanners derive words from: over 9 critical, 7 high, 4 medium, below low. */
const scoreOfSeverity: Readonly<Record<Severity, string>> = {
  CRITICAL: '9.5',
  HIGH: '8.0',
  MEDIUM: '5.5',
  LOW: '2.0',
  UNKNOWN: '0.0',
};

const mostText = 1000;

/** SARIF's word for a severity. */
export function sarifLevel(severity: Severity): ReportingConfiguration.level {
  return levels[severity];
}

/** A flaw as a rule; the first finding of it speaks for all. */
export function sarifRule(finding: VulnerabilityFinding, group: TargetGroup): ReportingDescriptor {
  const { id, severity, primaryUrl, package: pkg, fixedVersions } = finding;
  const title = finding.title || finding.description || id;
  const description = finding.description || title;
  const fixed = fixedVersions.join(', ') || 'none yet';
  const facts = [
    ['Severity', severity],
    ['Package', pkg.name],
    ['Fixed version', fixed],
  ] as const;
  return {
    id,
    name: group.class === 'os-pkgs' ? 'OsPackageVulnerability' : 'LanguageSpecificPackageVulnerability',
    shortDescription: { text: clip(title) },
    fullDescription: { text: clip(description) },
    defaultConfiguration: { level: sarifLevel(severity) },
    ...(isUrl(primaryUrl) ? { helpUri: primaryUrl } : {}),
    help: {
      text: [`Vulnerability ${id}`, ...facts.map(([name, value]) => `${name}: ${value}`), `Link: ${primaryUrl}`, '', description].join('\n'),
      markdown: [
        `**Vulnerability ${markdownText(id)}**`,
        '',
        `| ${facts.map(([name]) => name).join(' | ')} | Link |`,
        `| ${facts.map(() => '---').join(' | ')} | --- |`,
        `| ${facts.map(([, value]) => markdownText(value)).join(' | ')} | ${isUrl(primaryUrl) ? `[${markdownText(id)}](<${primaryUrl}>)` : '-'} |`,
        '',
        markdownText(description),
      ].join('\n'),
    },
    properties: {
      precision: 'very-high',
      'security-severity': securitySeverity(finding),
      tags: ['vulnerability', 'security', severity, ...finding.cwes.map((cwe) => `external/cwe/${cwe.toLowerCase()}`)],
    },
  };
}

/** The score of whoever the severity comes from, when it is in the severity's band; a text, as code scanners want it. */
function securitySeverity({ severity, severitySource, cvss }: VulnerabilityFinding): string {
  const ratings = severitySource === undefined ? [] : (cvss[severitySource] ?? []);
  const newest = ratings.toSorted((a, b) => (a.version < b.version ? 1 : -1)).find(({ score }) => score > 0);
  if (newest === undefined || bandOf(newest.score) !== severity) return scoreOfSeverity[severity];
  return newest.score.toFixed(1);
}

function bandOf(score: number): Severity {
  if (score >= 9) return 'CRITICAL';
  if (score >= 7) return 'HIGH';
  return score >= 4 ? 'MEDIUM' : 'LOW';
}

function isUrl(text: string): boolean {
  return /^https?:\/\/[^\s<>"\\^`{|}]+$/.test(text) && URL.canParse(text);
}

function clip(text: string): string {
  return text.length <= mostText ? text : `${text.slice(0, mostText - 1)}…`;
}
