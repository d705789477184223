import { LangError } from '../error.ts';
import { commandName, type ShellCommand } from './command.ts';
import { shellLimits } from './limits.ts';
import { shellTokens, type WordToken } from './tokens.ts';
import { unwrap } from './unwrap.ts';

/** Words that begin or end a compound command; a command may follow. */
const reserved: ReadonlySet<string> = new Set([
  '!',
  '{',
  '}',
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'while',
  'until',
  'do',
  'done',
  'esac',
  'time',
]);

/** Words after which no command follows until the next separator. */
const headers: ReadonlySet<string> = new Set(['for', 'case', 'select', 'function']);

const redirections: ReadonlySet<string> = new Set([
  '<',
  '>',
  '<<',
  '<<-',
  '<<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '&>>',
]);

const assignment = /^[A-Za-z_]\w*\+?=/;

/**
 * The simple commands of a script, in the order in which they stand, those inside of compound commands, substitutions and scripts that other
 * shells are given included. Variables set before a command, redirections and reserved words are left out. A command that runs
 * another one (`sudo`, `env`, `xargs` …) is there twice: whole, and as the one that it runs.
 *
 * @throws LangError LIMIT_EXCEEDED
 */
export function splitCommands(script: string): ShellCommand[] {
  const found: ShellCommand[] = [];
  collect(script, { found, budget: { words: shellLimits.words } }, { depth: 0, inner: false });
  return found;
}

/** As `splitCommands`, of a command that is given as a list of words. @throws LangError LIMIT_EXCEEDED */
export function splitWordList(words: readonly string[]): ShellCommand[] {
  const found: ShellCommand[] = [];
  if (words.length === 0) return found;
  const budget = { words: shellLimits.words };
  add({ words, start: 0, end: 0, inner: true }, { found, budget }, 0);
  return found;
}

interface Collection {
  readonly found: ShellCommand[];
  readonly budget: { words: number };
}

interface Place {
  readonly depth: number;
  readonly inner: boolean;
  /** Where all of it stands, for scripts that are texts of another. */
  readonly fixed?: { readonly start: number; readonly end: number };
  /** Added to places. */
  readonly offset?: number;
}

function collect(script: string, into: Collection, place: Place): void {
  const { offset = 0, fixed } = place;
  if (place.depth > shellLimits.depth) {
    throw new LangError('LIMIT_EXCEEDED', `Scripts stand within scripts more than ${shellLimits.depth} deep`);
  }
  let words: WordToken[] = [];
  let header = false;
  let target = false;
  let parentheses = 0;
  const inside: WordToken[] = [];
  const finish = (): void => {
    const [first] = words;
    if (first !== undefined) {
      const at = fixed ?? { start: first.start + offset, end: (words.at(-1) as WordToken).end + offset };
      const command = { words: words.map(({ text }) => text), ...at, inner: place.inner || parentheses > 0 };
      add(command, into, place.depth);
    }
    for (const { scripts } of inside.splice(0)) {
      for (const { text, start } of scripts) {
        collect(text, into, {
          depth: place.depth + 1,
          inner: true,
          ...(fixed ? { fixed } : { offset: offset + start }),
        });
      }
    }
    words = [];
    header = false;
    target = false;
  };
  for (const token of shellTokens(script)) {
    if (token.kind === 'operator') {
      if (redirections.has(token.text)) {
        // "2>" names what is redirected.
        const last = words.at(-1);
        if (last !== undefined && last.end === token.start && /^\d$/.test(last.text)) words.pop();
        target = true;
        continue;
      }
      // A parenthesis that none opened ends a pattern of "case".
      if (token.text === ')' && parentheses === 0) words = [];
      finish();
      if (token.text === '(') parentheses += 1;
      if (token.text === ')') parentheses = Math.max(0, parentheses - 1);
      continue;
    }
    if ((into.budget.words -= 1) < 0) {
      throw new LangError('LIMIT_EXCEEDED', `A script has more than ${shellLimits.words} words`);
    }
    if (token.scripts.length > 0) inside.push(token);
    if (target) target = false;
    else if (header) continue;
    else if (words.length === 0 && !token.quoted && reserved.has(token.text)) continue;
    else if (words.length === 0 && !token.quoted && headers.has(token.text)) header = true;
    else if (words.length === 0 && assignment.test(token.text)) continue;
    else words.push(token);
  }
  finish();
}

/** Adds a command, and what it runs. */
function add(command: ShellCommand, into: Collection, depth: number): void {
  into.found.push(command);
  const inner = unwrap(command.words);
  if (inner === undefined) return;
  if (depth >= shellLimits.depth) {
    throw new LangError('LIMIT_EXCEEDED', `Commands run commands more than ${shellLimits.depth} deep`);
  }
  const { start, end } = command;
  if ('script' in inner) {
    const isInner = command.inner || commandName(command) !== 'eval';
    collect(inner.script, into, { depth: depth + 1, inner: isInner, fixed: { start, end } });
    return;
  }
  if ((into.budget.words -= inner.words.length) < 0) {
    throw new LangError('LIMIT_EXCEEDED', `A script has more than ${shellLimits.words} words`);
  }
  if (inner.words.length > 0) add({ words: inner.words, start, end, inner: command.inner }, into, depth + 1);
}
