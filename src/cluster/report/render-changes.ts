import { cleanText } from '../../report/text/clean-text.ts';
import { renderTextTable, type TextTableOptions } from '../../report/text/text-table.ts';
import type { ClusterChanges, FlawChange } from './model.ts';
import { shownName } from './shown-name.ts';

/** What is otherwise than in an earlier report, for people; nothing where there is none. */
export function renderChanges(changes: ClusterChanges | undefined, options: TextTableOptions): readonly string[] {
  if (changes === undefined) return [];
  const { since, notes, appeared, gone, found, ended, unknown } = changes;
  const lines = [
    '',
    options.paint('heading', `Changes since ${cleanText(since)}`),
    ...names('Images that run now', appeared, options),
    ...names('Images that run no more', gone, options),
    ...flaws('Findings that are new', found, options),
    ...flaws('Findings that are gone', ended, options),
    ...names('Images of which it is not known what changed', unknown, options),
  ];
  const told = lines.length > 2 ? lines : [...lines, 'Nothing changed'];
  return [...told.slice(0, 2), ...notes.map((note) => `Note: ${cleanText(note)}`), ...told.slice(2)];
}

function names(title: string, entries: readonly string[], options: TextTableOptions): readonly string[] {
  if (entries.length === 0) return [];
  return renderTextTable(
    [{ header: `${title}: ${entries.length}`, least: 16 }],
    entries.map((text) => ({ cells: [shownName(text)] })),
    options,
  );
}

function flaws(title: string, entries: readonly FlawChange[], options: TextTableOptions): readonly string[] {
  if (entries.length === 0) return [];
  const columns = [
    { header: `${title}: ${entries.length}`, least: 14 },
    { header: 'Severity' },
    { header: 'Package', least: 12 },
    { header: 'Fixed', least: 8 },
    { header: 'Image', least: 16 },
  ];
  const rows = entries.map(({ id, severity, package: name, version, fixed, image }) => ({
    cells: [id, { text: severity, style: severity }, `${name} ${version}`, fixed, shownName(image)],
  }));
  return renderTextTable(columns, rows, options);
}
