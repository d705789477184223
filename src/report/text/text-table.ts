import { cleanText } from './clean-text.ts';
import { displayWidth } from './display-width.ts';
import type { Paint, Style } from './style.ts';
import { wrapText } from './wrap-text.ts';

/** One column. */
export interface TextColumn {
  readonly header: string;
  readonly align?: 'right';
  /** Fewest cells that it may shrink to when the table is too wide; absent: it never shrinks. */
  readonly least?: number;
}

/** One cell: a text, which may be styled. */
export type TextCell = string | { readonly text: string; readonly style?: Style };

/** One row, with lines below it that go over the whole width. */
export interface TextRow {
  readonly cells: readonly TextCell[];
  readonly below?: readonly TextCell[];
}

/** How a table is laid out. */
export interface TextTableOptions {
  /** Cells of the terminal. */
  readonly width: number;
  readonly paint: Paint;
}

const gap = '  ';
const indent = '    ';

/** Most lines that a text below a row takes. */
const mostLinesBelow = 3;

/**
 * Lays out a table: columns as wide as they need, the widest shrunk until the table fits, texts wrapped inside them.
 * Texts are cleaned ({@link cleanText}). Lines carry no space at their ends.
 */
export function renderTextTable(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  { width, paint }: TextTableOptions,
): string[] {
  const cleaned = rows.map(({ cells, below = [] }) => ({ cells: cells.map(cleanCell), below: below.map(cleanCell) }));
  const widths = columnWidths(columns, cleaned, width);
  const lines = [
    ...layRow(
      columns,
      columns.map(({ header }) => ({ text: header, style: 'heading' as const })),
      widths,
      paint,
    ),
    paint('faint', widths.map((cells) => '─'.repeat(cells)).join(gap)),
  ];
  for (const { cells, below } of cleaned) {
    lines.push(...layRow(columns, cells, widths, paint));
    for (const { text, style } of below) {
      for (const line of wrapText(text, Math.max(20, width - indent.length), mostLinesBelow)) {
        lines.push(indent + (style === undefined ? line : paint(style, line)));
      }
    }
  }
  return lines;
}

interface CleanCell {
  readonly text: string;
  readonly style?: Style;
}

function cleanCell(cell: TextCell): CleanCell {
  return typeof cell === 'string' ? { text: cleanText(cell) } : { ...cell, text: cleanText(cell.text) };
}

function columnWidths(
  columns: readonly TextColumn[],
  rows: readonly { readonly cells: readonly CleanCell[] }[],
  width: number,
): number[] {
  const widths = columns.map(({ header }) => displayWidth(header));
  for (const { cells } of rows) {
    for (const [index, { text }] of cells.entries()) {
      widths[index] = Math.max(widths[index] as number, displayWidth(text));
    }
  }
  const available = width - gap.length * (columns.length - 1);
  let total = widths.reduce((sum, cells) => sum + cells, 0);
  while (total > available) {
    const widest = widestShrinkable(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] as number) - 1;
    total -= 1;
  }
  return widths;
}

/** The column that can best give up a cell: the one with most cells above its least. */
function widestShrinkable(columns: readonly TextColumn[], widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  let most = 0;
  for (const [index, { header, least }] of columns.entries()) {
    if (least === undefined) continue;
    const spare = (widths[index] as number) - Math.max(least, displayWidth(header));
    if (spare > most) {
      widest = index;
      most = spare;
    }
  }
  return widest;
}

function layRow(
  columns: readonly TextColumn[],
  cells: readonly CleanCell[],
  widths: readonly number[],
  paint: Paint,
): string[] {
  const wrapped = cells.map(({ text }, index) => wrapText(text, widths[index] as number));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) => {
    let line = '';
    let owed = '';
    for (const [index, { style }] of cells.entries()) {
      const text = wrapped[index]?.[row] ?? '';
      const padding = ' '.repeat(Math.max(0, (widths[index] as number) - displayWidth(text)));
      const right = columns[index]?.align === 'right';
      if (text !== '') line += owed + (right ? padding : '') + (style === undefined ? text : paint(style, text));
      owed = (text === '' ? owed + padding : right ? '' : padding) + gap;
    }
    return line;
  });
}
