import type { ScanReport } from '../../finding/scan-report.ts';
import { severities } from '../../finding/severity.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { countSeverities } from '../count-severities.ts';
import { groupTargets, type TargetGroup } from '../group-targets.ts';
import { cleanText } from '../text/clean-text.ts';
import { displayWidth } from '../text/display-width.ts';
import type { TextTableOptions } from '../text/text-table.ts';
import { bullet, count, wrapped } from './lines.ts';
import { renderFindings } from './render-findings.ts';
import { renderProblems } from './render-problems.ts';

/** The lines of one report. */
export function renderReport(report: ScanReport, options: TextTableOptions): string[] {
  const groups = groupTargets(report);
  const parts = [
    ...groups.filter(({ findings }) => findings.length > 0).map((group) => renderGroup(group, options)),
    verdict(report, groups, options),
    renderProblems(report.problems, 'packages', options),
    setAside(report, options),
    footer(report, options),
  ];
  // A part may have hundreds of thousands of lines, which is too many to pass as arguments.
  return [heading(report, options), ...parts.filter((part) => part.length > 0).map((part) => ['', ...part])].flat();
}

function heading({ artifact, inventory }: ScanReport, options: TextTableOptions): string[] {
  const { image } = artifact;
  const facts = [
    inventory.distro?.prettyName ?? [inventory.distro?.id, inventory.distro?.version].filter(Boolean).join(' '),
    image === undefined ? '' : formatPlatform(image.platform),
    count(inventory.packages.filter(({ ownedBy }) => ownedBy === undefined).length, 'package'),
  ];
  return [
    ...wrapped(cleanText(artifact.name), options).map((line) => options.paint('heading', line)),
    ...wrapped(cleanText(facts.filter((fact) => fact !== '').join(' · ')), options).map((line) =>
      options.paint('faint', line),
    ),
    ...(image === undefined ? [] : [options.paint('faint', image.manifestDigest ?? image.imageId)]),
  ];
}

function renderGroup(group: TargetGroup, options: TextTableOptions): string[] {
  const title = cleanText(group.class === 'os-pkgs' ? group.target : `${group.target} (${group.type})`);
  const counts = countSeverities(group.findings);
  const words = severities.map((severity) => {
    const text = `${severity}: ${counts[severity]}`;
    return counts[severity] === 0 ? text : options.paint(severity, text);
  });
  return [
    ...wrapped(title, options).map((line) => options.paint('heading', line)),
    options.paint('heading', '='.repeat(Math.min(options.width, displayWidth(title)))),
    `Total: ${group.findings.length} (${words.join(', ')})`,
    '',
    ...renderFindings(group, options),
  ];
}

/** Says what has no findings, in words that fit what was asked. */
function verdict(report: ScanReport, groups: readonly TargetGroup[], options: TextTableOptions): string[] {
  const { paint } = options;
  const looked = groups.filter(({ packages }) => packages.length > 0);
  if (looked.length === 0 && report.findings.length === 0) {
    return wrapped('No packages were found, so there was nothing to look up.', options).map((line) =>
      paint('warning', line),
    );
  }
  if (report.database === undefined) {
    return wrapped('No vulnerability database was asked: packages are listed, not checked.', options).map((line) =>
      paint('warning', line),
    );
  }
  const clean = looked.filter(({ findings }) => findings.length === 0);
  if (clean.length === 0) return [`Found ${count(report.findings.length, 'vulnerability', 'vulnerabilities')}.`];
  // Not "no vulnerabilities": filters and ignore rules have their part in it, and what was not looked at may hold some.
  const heading =
    report.problems.length === 0
      ? paint('good', 'Without findings:')
      : paint('warning', 'Without findings, as far as could be looked at:');
  return [
    heading,
    ...clean.flatMap(({ target, class: kind, type, packages }) =>
      bullet(`${kind === 'os-pkgs' ? target : `${target} (${type})`}: ${count(packages.length, 'package')}`, options),
    ),
  ];
}

function setAside({ suppressed }: ScanReport, options: TextTableOptions): string[] {
  if (suppressed.length === 0) return [];
  const sources = new Map<string, number>();
  for (const { source } of suppressed) sources.set(source, (sources.get(source) ?? 0) + 1);
  const parts = [...sources].map(([source, number]) => `${number} by ${source}`);
  return wrapped(cleanText(`Set aside: ${count(suppressed.length, 'finding')} (${parts.join(', ')}).`), options);
}

function footer({ endOfLife, inventory: { distro }, database }: ScanReport, options: TextTableOptions): string[] {
  const lines: string[] = [];
  if (endOfLife === true && distro !== undefined) {
    const name = cleanText(distro.prettyName ?? `${distro.id} ${distro.version}`);
    const text = `${name} gets no more security updates: flaws found since its end are not listed; move to a newer release.`;
    lines.push(...wrapped(text, options).map((line) => options.paint('warning', line)));
  }
  if (database !== undefined)
    lines.push(options.paint('faint', `Vulnerability database of ${cleanText(database.builtAt)}`));
  return lines;
}
