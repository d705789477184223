import type { ScanReport } from '../../finding/scan-report.ts';
import { severities } from '../../finding/severity.ts';
import { countSeverities } from '../count-severities.ts';
import { renderTextTable, type TextColumn, type TextTableOptions } from '../text/text-table.ts';

const worstFirst = severities.toReversed();

const columns: readonly TextColumn[] = [
  { header: 'Image', least: 16 },
  { header: 'Packages', align: 'right' },
  ...worstFirst.map((severity) => ({ header: severity, align: 'right' as const })),
  { header: 'Note', least: 10 },
];

/** One line for each of several images. */
export function renderSummary(reports: readonly ScanReport[], options: TextTableOptions): string[] {
  const rows = reports.map((report) => {
    const counts = countSeverities(report.findings);
    return {
      cells: [
        report.artifact.name,
        String(report.inventory.packages.filter(({ ownedBy }) => ownedBy === undefined).length),
        ...worstFirst.map((severity) =>
          counts[severity] === 0 ? '0' : { text: String(counts[severity]), style: severity },
        ),
        { text: noteOf(report), style: 'warning' as const },
      ],
    };
  });
  return [
    options.paint('heading', 'Summary'),
    options.paint('heading', '======='),
    ...renderTextTable(columns, rows, options),
  ];
}

function noteOf({ problems, endOfLife, database }: ScanReport): string {
  const notes: string[] = [];
  if (database === undefined) notes.push('not checked');
  if (problems.some(({ incomplete }) => incomplete === true)) notes.push('incomplete');
  else if (problems.length > 0) notes.push(`${problems.length} not looked at`);
  if (endOfLife === true) notes.push('end of life');
  return notes.join(', ');
}
