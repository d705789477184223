import { parse } from 'smol-toml';
import type { TextPlace } from '../yaml/text-place.ts';
import { locator } from '../yaml/text-place.ts';
import { tomlLimits } from './limits.ts';

/** What the text of a document tells besides its values. */
export interface TomlScan {
  /** Names of tables in the order of the file. */
  readonly headers: readonly (readonly string[])[];
  /** Where tables and settings stand, in the order of the file. */
  readonly places: readonly TomlPlace[];
  /** The first thing that TOML 1.0 does not know. */
  readonly newer: (TextPlace & { readonly what: string }) | undefined;
  /** There are more tables than are looked at. */
  readonly tooMany: boolean;
}

/** Where something with a name stands. What is in an inline table has no place of its own. */
export interface TomlPlace {
  /** From the top: `['host', 'https://a', 'ca']`. */
  readonly names: readonly string[];
  /** From 1. */
  readonly line: number;
  /** `[name]` or `[[name]]`. */
  readonly isTable: boolean;
}

interface Found {
  readonly at: number;
  readonly what: string;
}

/** Goes once through a text that a parser of TOML 1.1 took. */
export function scanToml(text: string): TomlScan {
  const headers: (readonly string[])[] = [];
  const starts: (Omit<TomlPlace, 'line'> & { readonly at: number })[] = [];
  let table: readonly string[] = [];
  const place = (names: readonly string[], at: number, isTable: boolean): void => {
    if (starts.length < tomlLimits.places) starts.push({ names, at, isTable });
  };
  const open: string[] = [];
  let found: Found | undefined;
  let tooMany = false;
  let fresh = true;
  let last = '';
  const note = (at: number, what: string): void => {
    found ??= { at, what };
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === '#') {
      at = lineEnd(text, at) - 1;
      continue;
    }
    if (character === '\n' || character === '\r') {
      if (open.at(-1) === '{') note(at, 'a line break in an inline table');
      if (open.length === 0) fresh = true;
      continue;
    }
    if (character === ' ' || character === '\t') continue;
    if (fresh && character !== '[') place([...table, ...readNames(text, at, '=').names], at, false);
    if (character === '"' || character === "'") {
      const end = stringEnd(text, at);
      const escape = character === '"' ? newerEscape(text, at, end) : -1;
      if (escape >= 0) note(escape, 'the escape');
      at = end - 1;
    } else if (character === '[' && fresh) {
      const { names, end } = readHeader(text, at);
      table = names;
      place(names, at, true);
      if (headers.length >= tomlLimits.tables || names.length > tomlLimits.names) tooMany = true;
      else headers.push(names);
      at = end - 1;
    } else if (character === '[' || character === '{') open.push(character);
    else if (character === ']' || character === '}') {
      if (character === '}' && last === ',') note(at, 'a comma at the end of an inline table');
      open.pop();
    }
    fresh = false;
    last = character;
  }
  const locate = locator(text);
  const places = starts.map(({ at, ...rest }): TomlPlace => ({ ...rest, line: locate(at).line }));
  if (found === undefined) return { headers, places, newer: undefined, tooMany };
  return { headers, places, newer: { ...locate(found.at), what: found.what }, tooMany };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** The place behind a string that begins at a quote. */
function stringEnd(text: string, from: number): number {
  const quote = text[from] as string;
  const long = text.startsWith(quote.repeat(3), from);
  const close = long ? quote.repeat(3) : quote;
  for (let at = from + close.length; at < text.length; at += 1) {
    if (quote === '"' && text[at] === '\\') at += 1;
    else if (text.startsWith(close, at)) {
      let end = at + close.length;
      // A long string may end with one or two quotes of its own.
      while (long && text[end] === quote && end < at + 5) end += 1;
      return end;
    }
  }
  return text.length;
}

/** `\e` and `\xHH` are of TOML 1.1. */
function newerEscape(text: string, from: number, to: number): number {
  for (let at = from; at < to; at += 1) {
    if (text[at] !== '\\') continue;
    if (text[at + 1] === 'e' || text[at + 1] === 'x') return at;
    at += 1;
  }
  return -1;
}

function readHeader(text: string, from: number): { readonly names: readonly string[]; readonly end: number } {
  let at = from;
  while (text[at] === '[') at += 1;
  const { names, end } = readNames(text, at, ']');
  at = end;
  while (text[at] === ']') at += 1;
  return { names, end: at };
}

/** Names with dots between them, until a mark or the end of the line. */
function readNames(
  text: string,
  from: number,
  mark: string,
): { readonly names: readonly string[]; readonly end: number } {
  const names: string[] = [];
  let at = from;
  while (at < text.length && text[at] !== mark && text[at] !== '\n') {
    const character = text[at] as string;
    if (character === '"' || character === "'") {
      const end = stringEnd(text, at);
      names.push(parse(`name = ${text.slice(at, end)}`)['name'] as string);
      at = end;
    } else {
      const bare = /[A-Za-z0-9_-]+|[^]/y;
      bare.lastIndex = at;
      const [word] = bare.exec(text) as RegExpExecArray;
      if (/^[A-Za-z0-9_-]/.test(word)) names.push(word);
      at += word.length;
    }
  }
  return { names, end: at };
}
