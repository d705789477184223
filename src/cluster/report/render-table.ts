import { type Severity, severities } from '../../finding/severity.ts';
import { paintWith } from '../../report/text/style.ts';
import { renderTextTable, type TextColumn, type TextTableOptions } from '../../report/text/text-table.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { wrapText } from '../../report/text/wrap-text.ts';
import type { ClusterReport, ReportedImage, ReportKind } from './model.ts';
import { unpackText } from './packed-text.ts';
import { renderChanges } from './render-changes.ts';
import { renderPolicies } from './render-policies.ts';
import { shownName } from './shown-name.ts';
import { unknownOf, workloadRows, type WorkloadRow } from './workload-rows.ts';

/** How a table is laid out. */
export interface ClusterTableOptions {
  /** Cells of the terminal. */
  readonly width: number;
  readonly colour: boolean;
}

const worstFirst = severities.toReversed();
/** Narrower tables cut names to bits. */
const leastWidth = 60;
/** Workloads of an image that are named beside it. */
const shownUsers = 5;

const columns: readonly TextColumn[] = [
  { header: 'Namespace', least: 9 },
  { header: 'Resource', least: 16 },
  ...worstFirst.map((severity) => ({ header: severity.slice(0, 1), align: 'right' as const })),
  { header: 'Note', least: 12 },
];

/**
 * The report for people: an assessment of workloads and one of what the cluster itself is made of, as Trivy's, each by namespace and name;
 * in a whole report, the findings of each image; then what could not be looked at.
 */
export async function* renderTable(
  report: ClusterReport,
  kind: ReportKind,
  { width: given, colour }: ClusterTableOptions,
): AsyncGenerator<string> {
  const width = Math.max(given, leastWidth);
  const options = { width, paint: paintWith(colour) };
  const rows = workloadRows(report);
  const lines: string[] = [heading(`Summary Report for ${report.inventory.cluster}`, '=', options)];
  for (const [title, isOf] of assessments) lines.push(...assessment(title, rows.filter(isOf), options));
  lines.push(...footer(rows));
  yield textOf(lines);
  if (kind === 'all') yield* imageTables(report, options);
  yield textOf([
    ...unreadImages(report, options),
    ...renderPolicies(report.policies, options),
    ...renderChanges(report.changes, options),
    ...gaps(report, options),
  ]);
}

/** What belongs to the cluster itself lies in its own namespace (Kubernetes, "Initial namespaces"), or is run by a node. */
function isInfrastructure({ workload: { namespace, kind, group } }: WorkloadRow): boolean {
  return namespace === 'kube-system' || (kind === 'Node' && group === '');
}

const assessments: readonly (readonly [title: string, isOf: (row: WorkloadRow) => boolean])[] = [
  ['Workload Assessment', (row) => !isInfrastructure(row)],
  ['Infra Assessment', isInfrastructure],
];

function assessment(title: string, rows: readonly WorkloadRow[], options: TextTableOptions): readonly string[] {
  const told = rows.filter(({ counts, unknown }) => unknown.length > 0 || worstFirst.some((each) => counts[each] > 0));
  if (told.length === 0) return [];
  const cells = told.map(({ workload, counts, unknown }) => ({
    cells: [
      workload.namespace,
      `${workload.kind}/${workload.name}`,
      ...worstFirst.map((severity) => count(counts[severity], severity)),
      unknown.length === 0 ? '' : { text: 'not all was looked at', style: 'warning' as const },
    ],
  }));
  const hasNotes = told.some(({ unknown }) => unknown.length > 0);
  const shown = hasNotes ? columns : columns.slice(0, -1);
  const table = renderTextTable(
    shown,
    hasNotes ? cells : cells.map((row) => ({ cells: row.cells.slice(0, -1) })),
    options,
  );
  return ['', options.paint('heading', title), ...table];
}

/** Nothing is an empty cell, as in Trivy, so that what is there is seen. */
function count(number: number, severity: Severity): string | { readonly text: string; readonly style: Severity } {
  return number === 0 ? '' : { text: String(number), style: severity };
}

function footer(rows: readonly WorkloadRow[]): readonly string[] {
  const isLeftOut = ({ images }: WorkloadRow): boolean => images.some(({ state }) => state === 'skipped');
  const left = rows.filter(isLeftOut).length;
  const clean = rows.filter(
    (row) => row.unknown.length === 0 && !isLeftOut(row) && worstFirst.every((each) => row.counts[each] === 0),
  ).length;
  const of = `of ${rows.length} ${rows.length === 1 ? 'workload' : 'workloads'}`;
  return [
    '',
    `Severities: ${worstFirst.map((each) => `${each.slice(0, 1)}=${each}`).join(' ')}`,
    ...(clean === 0 ? [] : [`${clean} ${of} have no findings`]),
    ...(left === 0 ? [] : [`${left} ${of} ${left === 1 ? 'has' : 'have'} images that were left out`]),
  ];
}

async function* imageTables({ images }: ClusterReport, options: TextTableOptions): AsyncGenerator<string> {
  for (const image of images) {
    for (const each of image.platforms) {
      if (each.state !== 'scanned' || each.report.table === undefined) continue;
      const table = unpackText(each.report.table);
      const users = [...new Set(image.image.users.map((user) => `${user.namespace} ${user.kind}/${user.name}`))];
      const more = users.length - shownUsers;
      const by = `Used by ${users.slice(0, shownUsers).join(', ')}${more > 0 ? `, and ${more} more` : ''} (${each.platform})`;
      yield `\n\n${wrapText(cleanText(by), options.width).join('\n')}\n${table}`;
    }
  }
}

function unreadImages({ images }: ClusterReport, options: TextTableOptions): readonly string[] {
  const rows = images.flatMap((image) => {
    const why = unknownOf(image);
    return why.length === 0 ? [] : [{ cells: [nameOf(image), usersOf(image)], below: why }];
  });
  if (rows.length === 0) return [];
  const title = options.paint('warning', 'Images that were not looked at, or in part');
  const table = renderTextTable(
    [
      { header: 'Image', least: 16 },
      { header: 'Workloads', least: 16 },
    ],
    rows,
    options,
  );
  return ['', title, ...table];
}

function nameOf({ name, digest }: ReportedImage): string {
  const shown = shownName(name);
  return digest === undefined ? shown : `${shown}@${digest.slice(0, digest.indexOf(':') + 13)}`;
}

function usersOf({ image: { users } }: ReportedImage): string {
  const names = [...new Set(users.map(({ namespace, kind, name }) => `${namespace} ${kind}/${name}`))];
  const more = names.length - shownUsers;
  return `${names.slice(0, shownUsers).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function gaps({ inventory }: ClusterReport, options: TextTableOptions): readonly string[] {
  if (inventory.gaps.length === 0) return [];
  const rows = inventory.gaps.map(({ kind, namespace = 'everywhere', loses, message }) => ({
    cells: [kind, namespace, loses === 'workloads' ? 'some of what runs may be missing' : 'told in less detail'],
    below: [message],
  }));
  const title = options.paint('warning', 'Lists that are missing');
  const shown = [
    { header: 'Kind', least: 8 },
    { header: 'Namespace', least: 9 },
    { header: 'Means', least: 12 },
  ];
  return ['', title, ...renderTextTable(shown, rows, options)];
}

function heading(text: string, line: string, { paint }: TextTableOptions): string {
  const clean = cleanText(text);
  return `${paint('heading', clean)}\n${paint('heading', line.repeat(Math.min(clean.length, 200)))}`;
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
