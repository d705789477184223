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
  return promising(markdown, 'run');
}

/**
 * The `sh` blocks of a document that its readers run one after another, as one of these says: `# tried: ok` or
 * `# tried: exit N`.
 *
 * @throws Error for a first line that starts like one of these and is none
 */
export function triedSteps(markdown: string): ShellExample[] {
  return promising(markdown, 'tried');
}

function promising(markdown: string, word: 'run' | 'tried'): ShellExample[] {
  return blocks(markdown).flatMap(({ language, line, text }) => {
    const [first = ''] = text.split('\n', 1);
    if (language !== 'sh' || !new RegExp(`^#\\s*${word}\\b`).test(first)) return [];
    const match = new RegExp(`^# ${word}: (?:ok|exit (\\d{1,3}))$`).exec(first);
    if (match === null) throw new Error(`Line ${line}: "${first}" is neither "# ${word}: ok" nor "# ${word}: exit N"`);
    return [{ line, script: text, status: Number(match[1] ?? 0) }];
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
