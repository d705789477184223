import type { ReportingConfiguration, ReportingDescriptor } from 'sarif';
import type { Severity } from '../../finding/severity.ts';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';
import type { TargetGroup } from '../group-targets.ts';
import { markdownText } from './markdown.ts';
import { securitySeverity } from './security-severity.ts';
import { clipText, isWebAddress, sarifText } from './text.ts';

const levels: Readonly<Record<Severity, ReportingConfiguration.level>> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
  UNKNOWN: 'note',
};

/** Characters of a description that code scanning keeps (GitHub documentation, "SARIF support for code scanning"). */
const descriptionLength = 1024;

/** Of the help, which is read by people: beyond it, they follow the link. */
const helpLength = 20_000;

/** SARIF's word for a severity. */
export function sarifLevel(severity: Severity): ReportingConfiguration.level {
  return levels[severity];
}

/** The id of the rule that a finding breaks: the flaw's id, never empty. */
export function sarifRuleId({ id }: VulnerabilityFinding): string {
  return sarifText(id) || 'unnamed';
}

/** A flaw as a rule; the first finding of it speaks for all. */
export function sarifRule(finding: VulnerabilityFinding, group: TargetGroup): ReportingDescriptor {
  const { severity, primaryUrl, package: pkg, cwes } = finding;
  const id = sarifRuleId(finding);
  const title = sarifText(finding.title || finding.description || id);
  const description = sarifText(finding.description || finding.title || id);
  const facts = [
    ['Severity', severity],
    ['Package', sarifText(pkg.name)],
    ['Fixed version', sarifText(finding.fixedVersions.join(', ')) || 'none yet'],
  ] as const;
  const link = isWebAddress(primaryUrl);
  const details = clipText(description, helpLength);
  return {
    id,
    name: group.class === 'os-pkgs' ? 'OsPackageVulnerability' : 'LanguageSpecificPackageVulnerability',
    shortDescription: { text: clipText(title, descriptionLength) },
    fullDescription: { text: clipText(description, descriptionLength) },
    defaultConfiguration: { level: sarifLevel(severity) },
    ...(link ? { helpUri: primaryUrl } : {}),
    help: {
      text: [
        `Vulnerability ${id}`,
        ...facts.map(([name, value]) => `${name}: ${value}`),
        ...(link ? [`Link: ${primaryUrl}`] : []),
        '',
        details,
      ].join('\n'),
      markdown: [
        `**Vulnerability ${markdownText(id)}**`,
        '',
        `| ${facts.map(([name]) => name).join(' | ')} | Link |`,
        `| ${facts.map(() => '---').join(' | ')} | --- |`,
        `| ${facts.map(([, value]) => markdownText(value)).join(' | ')} | ${link ? `[${markdownText(id)}](<${primaryUrl}>)` : '-'} |`,
        '',
        markdownText(details),
      ].join('\n'),
    },
    properties: {
      precision: 'very-high',
      'security-severity': securitySeverity(finding),
      tags: [
        ...new Set([
          'vulnerability',
          'security',
          severity,
          ...cwes.map((cwe) => `external/cwe/${sarifText(cwe).toLowerCase()}`),
        ]),
      ],
    },
  };
}
