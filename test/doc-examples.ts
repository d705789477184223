import { basename, dirname } from 'node:path/posix';

/** A shell example that a document promises to work. */
export interface ShellExample {
  /** Line of the block's first line in the document, from 1. */
  readonly line: number;
  readonly script: string;
  /** The exit status that the document promises. */
  readonly status: number;
}

interface Block {
  readonly language: string;
  readonly line: number;
  readonly text: string;
}

/**
 * The `sh` blocks of a document whose first line says what comes of them: `# run: ok` or `# run: exit N`.
 *
 * @throws Error for a first line that starts like one of these and is none
 */
export function shellExamples(markdown: string): ShellExample[] {
  return promising(markdown, 'run').map(({ step }) => step);
}

/** Where or how a step of a document is tried, when it is not simply run where the others are. */
const ways = ['goes on', 'on a node', 'on another cluster'] as const;

/** A step that a document's readers take. */
export interface TriedStep extends ShellExample {
  /** `goes on`: it is a server, and is there for all steps after it. */
  readonly way?: (typeof ways)[number];
}

/**
 * The `sh` blocks of a document that its readers run one after another, as one of these says: `# tried: ok`, `# tried: exit N`,
 * `# tried: goes on`, `# tried: ok, on a node` or `# tried: ok, on another cluster`.
 *
 * @throws Error for a first line that starts like one of these and is none
 */
export function triedSteps(markdown: string): TriedStep[] {
  return promising(markdown, 'tried').map(({ step, promise }) => {
    const way = ways.find((each) => promise === `ok, ${each}` || (promise === each && each === 'goes on'));
    return way === undefined ? step : { ...step, way };
  });
}

/** Lines at which `sh` blocks begin that promise nothing, with their text. */
export function untriedBlocks(markdown: string): { readonly line: number; readonly text: string }[] {
  return blocks(markdown).filter(({ language, text }) => language === 'sh' && !/^# (?:run|tried): /.test(text));
}

interface Promising {
  readonly step: ShellExample;
  readonly promise: string;
}

function promising(markdown: string, word: 'run' | 'tried'): Promising[] {
  const more = word === 'run' ? '' : '|goes on|ok, on a node|ok, on another cluster';
  return blocks(markdown).flatMap(({ language, line, text }) => {
    const [first = ''] = text.split('\n', 1);
    if (language !== 'sh' || !new RegExp(`^#\\s*${word}\\b`).test(first)) return [];
    const match = new RegExp(`^# ${word}: (ok|exit (\\d{1,3})${more})$`).exec(first);
    if (match === null) throw new Error(`Line ${line}: "${first}" is neither "# ${word}: ok" nor "# ${word}: exit N"`);
    return [{ step: { line, script: text, status: Number(match[2] ?? 0) }, promise: match[1] as string }];
  });
}

/** Targets of a document's links that lead to files or headings, as written. */
export function relativeLinks(markdown: string): string[] {
  const links = [...prose(markdown).matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map(
    ([, target]) => target as string,
  );
  return links.filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** The anchors of a document's headings, as code hosts make them. */
export function headingAnchors(markdown: string): Set<string> {
  const headings = [...prose(markdown).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, text]) => text as string);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Files and folders of the checkout that a document names in backticks; names with placeholders are left out. */
export function namedPaths(markdown: string): string[] {
  const names = [...prose(markdown).matchAll(/`((?:src|test|testing|tools|bench|examples|docs|bin)\/[\w./-]*)`/g)];
  return names.map(([, name]) => name as string);
}

/** Names of code that a document gives in backticks: names of files without a folder, and words with a capital inside. */
export function namedCode(markdown: string): { readonly files: Set<string>; readonly words: Set<string> } {
  const names = [...prose(markdown).matchAll(/`([\w.-]+)(?:\(\))?`/g)].map(([, name]) => name as string);
  const files = names.filter((name) => /^[\w-][\w.-]*\.ts$/.test(name));
  const words = names.filter(
    (name) => /^[A-Za-z][\w.]*$/.test(name) && /[a-z][A-Z]/.test(name) && !name.endsWith('.ts'),
  );
  return { files: new Set(files), words: new Set(words.flatMap((name) => name.split('.'))) };
}

/**
 * Files that no row of a table names. A row names a file by its path, a folder of the same kind by `sbom/` beside such a path, and all
 * below the folder of its path by `in its folders`.
 */
export function unnamedFiles(table: string, paths: readonly string[]): string[] {
  const rows = table.split('\n').map((row) => ({
    row,
    folders: [...row.matchAll(/`(src\/[\w./-]+)\/(?:[\w-]+\.ts)?`/g)].map(([, folder]) => folder as string),
  }));
  return paths.filter((path) => {
    const folder = dirname(path);
    return !rows.some(
      ({ row, folders }) =>
        row.includes(`\`${path}\``) ||
        (row.includes('in its folders') && folders.some((one) => path.startsWith(`${one}/`))) ||
        (row.includes(`\`${basename(folder)}/\``) && folders.some((one) => dirname(one) === dirname(folder))),
    );
  });
}

/** Variables and flags that a document names. */
export function namedSettings(markdown: string): { readonly variables: Set<string>; readonly flags: Set<string> } {
  return {
    variables: new Set([...markdown.matchAll(/\bSEAWORTHY_[A-Z0-9_]*[A-Z0-9]/g)].map(([name]) => name)),
    flags: new Set([...markdown.matchAll(/(?<![\w-])--[a-z][a-z-]*[a-z]/g)].map(([name]) => name)),
  };
}

function blocks(markdown: string): Block[] {
  const found: Block[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [at, line] of markdown.split('\n').entries()) {
    const fence = /^```(\S*)\s*$/.exec(line);
    if (open === undefined) {
      if (fence !== null) open = { language: fence[1] as string, line: at + 2, lines: [] };
    } else if (fence?.[1] === '') {
      found.push({ language: open.language, line: open.line, text: open.lines.join('\n') });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return found;
}

function prose(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```\s*$/gm, '');
}
