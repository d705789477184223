import { LangError } from '../error.ts';
import { jmespathLimits } from './limits.ts';
import { marks, syntaxError, type Token } from './token.ts';

const blank = /[ \t\r\n]*/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /-?[0-9]+/y;
const quoted = /"(?:[^"\\]|\\.)*"/suy;
const raw = /'(?:[^'\\]|\\.)*'/suy;
const literal = /`(?:[^`\\]|\\.)*`/suy;

/** Parts an expression into its pieces (JMESPath specification, "Grammar"). @throws LangError SYNTAX, LIMIT_EXCEEDED */
export function tokenize(text: string): readonly Token[] {
  if (text.length > jmespathLimits.characters) {
    throw new LangError('LIMIT_EXCEEDED', `The expression has more than ${jmespathLimits.characters} characters`);
  }
  const tokens: Token[] = [];
  for (let at = skip(text, 0); at < text.length; at = skip(text, at)) {
    const [token, length] = readToken(text, at);
    tokens.push(token);
    at += length;
  }
  tokens.push({ kind: 'end', at: text.length });
  return tokens;
}

function skip(text: string, at: number): number {
  return at + (match(blank, text, at)?.length ?? 0);
}

function readToken(text: string, at: number): readonly [token: Token, length: number] {
  const mark = marks.find((each) => text.startsWith(each, at));
  if (mark !== undefined) return [{ kind: 'mark', mark, at }, mark.length];
  const plain = match(name, text, at);
  if (plain !== undefined) return [{ kind: 'name', name: plain, isQuoted: false, at }, plain.length];
  const digits = match(number, text, at);
  if (digits !== undefined) return [{ kind: 'number', value: readNumber(digits, at), at }, digits.length];
  switch (text[at]) {
    case '"': {
      const found = delimited(quoted, text, at);
      return [{ kind: 'name', name: readQuoted(found, at), isQuoted: true, at }, found.length];
    }
    case "'": {
      const found = delimited(raw, text, at);
      return [{ kind: 'literal', text: unescape(found, "'"), isRaw: true, at }, found.length];
    }
    case '`': {
      const found = delimited(literal, text, at);
      return [{ kind: 'literal', text: unescape(found, '`'), isRaw: false, at }, found.length];
    }
    default:
      throw syntaxError(`${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))} means nothing here`, at);
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function delimited(pattern: RegExp, text: string, at: number): string {
  const found = match(pattern, text, at);
  if (found === undefined) throw syntaxError(`what ${text[at]} opens has no end`, at);
  return found;
}

function readNumber(digits: string, at: number): number {
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw syntaxError(`${digits} is too large for a place in a list`, at);
  return value;
}

/** A quoted name is a text of JSON. */
function readQuoted(text: string, at: number): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw syntaxError(`${text.slice(0, 40)} is no text of JSON`, at);
  }
}

/** Only the delimiter is escaped; every other backslash is itself. */
function unescape(text: string, delimiter: string): string {
  return text.slice(1, -1).replaceAll(`\\${delimiter}`, delimiter);
}
