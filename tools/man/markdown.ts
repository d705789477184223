import { inline, item } from './roff.ts';

/** One section of a page of the documents. */
export interface MarkdownSection {
  /** Empty above the first heading of second order. */
  readonly heading: string;
  readonly lines: readonly string[];
}

/** Parts a page at its headings of second order. */
export function sectionsOf(page: string): readonly MarkdownSection[] {
  const [first = '', ...others] = page.replace(/^# .*\n/, '').split(/^## /m);
  return [first, ...others.map((text) => text)].map((text, index) => {
    const lines = text.split('\n');
    return index === 0 ? { heading: '', lines } : { heading: lines[0] ?? '', lines: lines.slice(1) };
  });
}

/** Paragraphs, lists and tables of two columns as roff. */
export function roffOf(lines: readonly string[]): readonly string[] {
  const text = lines.join('\n').trim();
  if (text === '') return [];
  return text.split(/\n{2,}/).flatMap((block) => {
    if (block.startsWith('|')) return block.split('\n').slice(2).flatMap(rowOf);
    if (/^[-*] /.test(block)) {
      return block
        .split(/^[-*] /m)
        .slice(1)
        .flatMap((one) => [String.raw`.IP \(bu 2`, inline(joined(one))]);
    }
    return ['.PP', inline(joined(block))];
  });
}

function rowOf(row: string): readonly string[] {
  const cells = row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  return item(inline(`\`${(cells[0] ?? '').replaceAll('`', '')}\``), inline(cells.at(-1) ?? ''));
}

function joined(block: string): string {
  return block.trim().replaceAll(/\s*\n\s*/g, ' ');
}
