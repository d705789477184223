/** One line of today beside ours, as the page about moving has them in its tables. */
export interface MigrationRow {
  /** In the document, from 1. */
  readonly line: number;
  /** What people type today, one command after the other. */
  readonly today: readonly string[];
  readonly here: string;
  /** The status that ours ends with; undefined for what runs until it is ended. */
  readonly status: number | undefined;
  /** The status that today's line ends with. */
  readonly there: number | undefined;
  /** Words that ours says on either stream. */
  readonly says: readonly string[];
}

/** What stands under one heading: its rows are run one after the other in a place of their own. */
export interface MigrationSection {
  readonly heading: string;
  /** Scripts that make the files which the rows name. */
  readonly before: readonly string[];
  readonly rows: readonly MigrationRow[];
}

const header = ['Today', 'Here', 'Ends with', 'What differs'];

/**
 * The sections of the page that have rows.
 *
 * @throws Error for a row that names no command or no status, or does not say what a server is waited for
 */
export function parseMigrationPage(markdown: string): MigrationSection[] {
  const sections: { heading: string; before: string[]; rows: MigrationRow[] }[] = [];
  let inTable = false;
  let block: string[] | undefined;
  for (const [at, text] of markdown.split('\n').entries()) {
    if (block !== undefined) {
      if (text !== '```') block.push(text);
      else {
        if (block[0] === '# before') sections.at(-1)?.before.push(block.slice(1).join('\n'));
        block = undefined;
      }
      continue;
    }
    if (text.startsWith('```')) block = [];
    else if (/^#{2,3} /.test(text)) sections.push({ heading: text.replace(/^#+ /, ''), before: [], rows: [] });
    const cells = cellsOf(text);
    if (cells === undefined) inTable = false;
    else if (cells.join() === header.join()) inTable = true;
    else if (inTable && !cells.every((cell) => /^:?-+:?$/.test(cell))) sections.at(-1)?.rows.push(rowOf(cells, at + 1));
  }
  return sections.filter(({ rows }) => rows.length > 0);
}

function cellsOf(text: string): string[] | undefined {
  if (!text.startsWith('|')) return undefined;
  const cells = text.slice(1).split(/(?<!\\)\|/);
  return cells.slice(0, -1).map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
}

function rowOf([today = '', here = '', ends = '']: readonly string[], line: number): MigrationRow {
  const [command, ...more] = spans(here);
  const status = /^(?:(\d{1,3})|runs)\b/.exec(ends);
  if (command === undefined || more.length > 0) throw new Error(`Line ${line} does not name one command`);
  if (status === null) throw new Error(`Line ${line} does not say how the command ends`);
  const number = status[1] === undefined ? undefined : Number(status[1]);
  const says = spans(ends);
  if (number === undefined && says.length === 0) throw new Error(`Line ${line} does not say what is waited for`);
  const elsewhere = /\bthere (\d{1,3})$/.exec(ends)?.[1];
  const there = elsewhere === undefined ? number : Number(elsewhere);
  return { line, today: spans(today), here: command, status: number, there, says };
}

function spans(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);
}
