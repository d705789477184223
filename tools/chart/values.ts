import type { ServeSetting } from './serve-settings.ts';

const begin = (part: string): string =>
  `  # Below, up to \`settings\`’ end: written by tools/chart.ts, from the flags of \`seaworthy ${part} serve\`.`;
const isBegin = /^  # Below, up to `settings`’ end: written by/;
const end = '  # The end of what tools/chart.ts writes.';
const usual = { switch: 'false', text: "''", texts: '[]' } as const;

/** The values as they are to be: those that are written by hand as they are, and the flags of a part's command. */
export function valuesText(now: string, part: string, settings: readonly ServeSetting[]): string {
  const [before, rest] = splitOnce(now, `${begin(part)}\n`);
  const at = rest.indexOf(`${end}\n`);
  if (at < 0) throw new Error(`values.yaml has no line with ${end.trim()}`);
  const lines = settings.map(({ name, kind, description }) => `    # ${description}\n    ${name}: ${usual[kind]}\n`);
  const about = '  # Flags of the program; those that are empty are not given.\n';
  return `${before}${begin(part)}\n${about}  settings:\n${lines.join('')}${rest.slice(at)}`;
}

/** What the comment above each value says, by the value's path: `admission.replicas`. */
export function valueComments(text: string): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  const path: { readonly indent: number; readonly name: string }[] = [];
  let comment: string[] = [];
  for (const line of text.split('\n')) {
    const said = /^ *# ?(.*)$/.exec(line)?.[1];
    if (said !== undefined) {
      if (!isBegin.test(line) && line !== end) comment.push(said);
      continue;
    }
    const [, space = '', name] = /^( *)(\w+):/.exec(line) ?? [];
    if (name !== undefined) {
      while ((path.at(-1)?.indent ?? -1) >= space.length) path.pop();
      path.push({ indent: space.length, name });
      comments.set(path.map((each) => each.name).join('.'), comment.join(' '));
    }
    comment = [];
  }
  return comments;
}

function splitOnce(text: string, mark: string): readonly [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0 || text.includes(mark, at + 1))
    throw new Error(`values.yaml has no line, or several, with ${mark.trim()}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
