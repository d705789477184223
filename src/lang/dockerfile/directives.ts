import { LangError } from '../error.ts';

/** What the first lines of a file say of how the rest is read. */
export interface Directives {
  readonly escape: '\\' | '`';
  /** Lines that they take. */
  readonly lines: number;
}

const form = /^#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(\S.*?)\s*$/;
const known: ReadonlySet<string> = new Set(['syntax', 'escape', 'check']);

/**
 * Reads parser directives (Dockerfile reference, "Parser directives"): comments of the form `# name=value` before all else. The first line
 * of another form, and the first with a name that is none of theirs, ends them.
 *
 * @throws LangError SYNTAX for one that stands twice, and for an escape that is neither a backslash nor a backtick
 */
export function readDirectives(lines: readonly string[]): Directives {
  const seen = new Set<string>();
  let escape: Directives['escape'] = '\\';
  for (const [at, line] of lines.entries()) {
    // What starts with "#!" makes the file a program; directives may follow it.
    if (at === 0 && line.startsWith('#!')) continue;
    const [, word = '', value = ''] = form.exec(line) ?? [];
    const name = word.toLowerCase();
    if (!known.has(name)) return { escape, lines: at };
    if (seen.has(name)) throw new LangError('SYNTAX', `Line ${at + 1} has the directive ${name} a second time`);
    seen.add(name);
    if (name !== 'escape') continue;
    if (value !== '\\' && value !== '`') {
      throw new LangError('SYNTAX', `Line ${at + 1} has an escape that is neither \\ nor \``);
    }
    escape = value;
  }
  return { escape, lines: lines.length };
}
