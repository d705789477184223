/** A word, with quotes and escapes resolved. */
export interface WordToken {
  readonly kind: 'word';
  readonly text: string;
  /** True where some of it was quoted: then it is no reserved word. */
  readonly quoted: boolean;
  readonly start: number;
  readonly end: number;
  /** Scripts whose output it takes, with their places: `$( … )` and backticks. */
  readonly scripts: readonly { readonly text: string; readonly start: number }[];
}

/** What parts commands, or sends bytes elsewhere. */
export interface OperatorToken {
  readonly kind: 'operator';
  /** `&&`, `;`, `(`, `>`, `<<`, a line's end … */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A piece of a script. */
export type ShellToken = WordToken | OperatorToken;

/** Longest first. */
const operators: readonly string[] = [
  '<<<',
  '<<-',
  '&>>',
  '&&',
  '||',
  ';;',
  '|&',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '&',
  '|',
  ';',
  '(',
  ')',
  '<',
  '>',
  '\n',
];

/**
 * Splits a script into words and operators (POSIX.1-2024, 2.3). Documents within it are left out, and so are comments. Total: what is not
 * closed ends with the script.
 */
export function* shellTokens(script: string): Generator<ShellToken> {
  const documents: { readonly name: string; readonly stripTabs: boolean }[] = [];
  let expected: '<<' | '<<-' | undefined;
  let at = 0;
  while (at < script.length) {
    const character = script[at] as string;
    if (character === '\\' && script[at + 1] === '\n') at += 2;
    else if (character !== '\n' && /\s/.test(character)) at += 1;
    else if (character === '#') at = lineEnd(script, at);
    else {
      const operator = operatorAt(script, at);
      if (operator === undefined) {
        const word = readWord(script, at);
        if (expected !== undefined) documents.push({ name: word.text, stripTabs: expected === '<<-' });
        expected = undefined;
        yield word;
        at = word.end;
        continue;
      }
      expected = operator === '<<' || operator === '<<-' ? operator : undefined;
      yield { kind: 'operator', text: operator, start: at, end: at + operator.length };
      at += operator.length;
      if (operator === '\n') for (const each of documents.splice(0)) at = documentEnd(script, at, each);
    }
  }
}

function operatorAt(script: string, at: number): string | undefined {
  if (!'&|;()<>\n'.includes(script[at] as string)) return undefined;
  return operators.find((operator) => script.startsWith(operator, at));
}

function lineEnd(script: string, at: number): number {
  const end = script.indexOf('\n', at);
  return end < 0 ? script.length : end;
}

function documentEnd(script: string, from: number, { name, stripTabs }: { name: string; stripTabs: boolean }): number {
  let at = from;
  while (at < script.length) {
    const end = lineEnd(script, at);
    const line = script.slice(at, end);
    at = Math.min(script.length, end + 1);
    if ((stripTabs ? line.replace(/^\t+/, '') : line) === name) break;
  }
  return at;
}

function readWord(script: string, start: number): WordToken {
  const scripts: { text: string; start: number }[] = [];
  let text = '';
  let quoted = false;
  let inDouble = false;
  let at = start;
  while (at < script.length) {
    const character = script[at] as string;
    if (character === '\\') {
      quoted = true;
      if (script[at + 1] !== '\n') text += script[at + 1] ?? '';
      at += 2;
    } else if (character === '"') {
      quoted = true;
      inDouble = !inDouble;
      at += 1;
    } else if (character === "'" && !inDouble) {
      quoted = true;
      const end = script.indexOf("'", at + 1);
      text += script.slice(at + 1, end < 0 ? script.length : end);
      at = end < 0 ? script.length : end + 1;
    } else if (character === '`' || (character === '$' && script[at + 1] === '(')) {
      const open = character === '`' ? 1 : 2;
      const end = character === '`' ? backtickEnd(script, at + 1) : parenthesisEnd(script, at + 2);
      // "$((" is a sum, in which no command stands.
      if (!script.startsWith('$((', at)) scripts.push({ text: script.slice(at + open, end), start: at + open });
      at = Math.min(script.length, end + 1);
      text += character === '`' ? '`…`' : '$(…)';
    } else if (character === '$' && script[at + 1] === '{') {
      const end = script.indexOf('}', at);
      const next = end < 0 ? script.length : end + 1;
      text += script.slice(at, next);
      at = next;
    } else if (!inDouble && (/\s/.test(character) || '&|;()<>'.includes(character))) break;
    else {
      text += character;
      at += 1;
    }
  }
  return { kind: 'word', text, quoted, start, end: Math.min(at, script.length), scripts };
}

function backtickEnd(script: string, from: number): number {
  for (let at = from; at < script.length; at += 1) {
    if (script[at] === '\\') at += 1;
    else if (script[at] === '`') return at;
  }
  return script.length;
}

/** Where the parenthesis is closed that opened before this place; quotes are heeded. */
function parenthesisEnd(script: string, from: number): number {
  let depth = 1;
  let quote = '';
  for (let at = from; at < script.length; at += 1) {
    const character = script[at] as string;
    if (character === '\\' && quote !== "'") at += 1;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')' && (depth -= 1) === 0) return at;
  }
  return script.length;
}
