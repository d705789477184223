import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';
import { cleanText } from '../text/clean-text.ts';
import { displayWidth } from '../text/display-width.ts';
import {
  renderTextTable,
  type TextCell,
  type TextColumn,
  type TextRow,
  type TextTableOptions,
} from '../text/text-table.ts';
import { packagePath, type TargetGroup } from '../group-targets.ts';

const columns: readonly TextColumn[] = [
  { header: 'Library', least: 10 },
  { header: 'Vulnerability', least: 14 },
  { header: 'Severity' },
  { header: 'Status', least: 8 },
  { header: 'Installed', least: 9 },
  { header: 'Fixed', least: 9 },
];

/** Fewest cells in which a title reads well beside the other columns; with less it goes below its row. */
const leastTitle = 28;

/** Titles beside the other columns need not grow without end on very wide terminals. */
const mostTitle = 80;

/** The table of a group's findings. */
export function renderFindings(group: TargetGroup, options: TextTableOptions): string[] {
  const rows = group.findings.map((finding) => ({
    cells: cellsOf(finding),
    title: titleOf(finding),
    place: placeOf(finding, group),
  }));
  const room = options.width - naturalWidth(rows) - 2;
  if (room >= leastTitle) {
    // Only titles are wrapped: there is room for everything else.
    const wide = [...columns.map(({ header }) => ({ header })), { header: 'Title', least: leastTitle }];
    return renderTextTable(
      wide,
      rows.map(({ cells, title, place }) => ({
        cells: [...cells, clip(title, Math.min(room, mostTitle) * 3)],
        below: place === undefined ? [] : [{ text: place, style: 'faint' }],
      })),
      { ...options, width: Math.min(options.width, naturalWidth(rows) + 2 + mostTitle) },
    );
  }
  const narrow: TextRow[] = rows.map(({ cells, title, place }) => ({
    cells,
    below: [
      ...(title === '' ? [] : [title]),
      ...(place === undefined ? [] : [{ text: place, style: 'faint' as const }]),
    ],
  }));
  return renderTextTable(columns, narrow, options);
}

function cellsOf({ package: pkg, id, severity, status, fixedVersions }: VulnerabilityFinding): TextCell[] {
  return [
    pkg.name,
    id,
    { text: severity, style: severity },
    status,
    pkg.version,
    fixedVersions.length === 0 ? '-' : fixedVersions.join(', '),
  ];
}

function titleOf({ title, description, knownExploited }: VulnerabilityFinding): string {
  const text = title === '' ? description : title;
  if (knownExploited === undefined) return text;
  return `[exploited${knownExploited.ransomware ? ', ransomware' : ''}] ${text}`.trimEnd();
}

/** The file, where the heading does not name it already. */
function placeOf({ package: pkg }: VulnerabilityFinding, group: TargetGroup): string | undefined {
  if (group.class === 'os-pkgs') return undefined;
  const path = packagePath(pkg);
  return path === group.target || path === '' ? undefined : path;
}

/** Cells that the columns without the title take when nothing is wrapped. */
function naturalWidth(rows: readonly { readonly cells: readonly TextCell[] }[]): number {
  let total = 2 * (columns.length - 1);
  for (const [index, { header }] of columns.entries()) {
    let width = displayWidth(header);
    for (const { cells } of rows) {
      const cell = cells[index] as TextCell;
      width = Math.max(width, displayWidth(cleanText(typeof cell === 'string' ? cell : cell.text)));
    }
    total += width;
  }
  return total;
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}
