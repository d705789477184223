import { compileGlob } from '../../base/glob.ts';
import { GlobError } from '../../base/glob-syntax.ts';
import { formatByteSize, parseByteSize } from '../../base/byte-size.ts';
import { formatDuration, parseDuration } from '../../base/duration.ts';
import { suggest } from '../../base/suggest.ts';
import { UnreadableValue, type ValueKind } from './value-kind.ts';

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['true', 't', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', 'f', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/** On or off. */
export const switchKind: ValueKind<boolean> = single(undefined, String, (text) => {
  const value = booleans.get(text.toLowerCase());
  if (value === undefined) throw new UnreadableValue(text, 'true or false');
  return value;
});

/** Any text but the empty one. */
export function textKind(placeholder: string): ValueKind<string> {
  return single(
    placeholder,
    (value) => value,
    (text) => {
      if (text === '' || text.includes('\0'))
        throw new UnreadableValue(text, `${/^[aeiou]/.test(placeholder) ? 'an' : 'a'} ${placeholder}`);
      return text;
    },
  );
}

/** A whole number within bounds. */
export function integerKind(least: number, most: number): ValueKind<number> {
  return single('number', String, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw new UnreadableValue(text, `a whole number from ${least} to ${most}`);
    return value;
  });
}

/** Milliseconds, written as Go's durations. */
export const durationKind: ValueKind<number> = single('duration', formatDuration, (text) => {
  const value = parseDuration(text);
  if (value === undefined) throw new UnreadableValue(text, 'a duration such as 90s, 5m0s or 1h30m');
  return value;
});

/** Bytes, with or without a unit. */
export const byteSizeKind: ValueKind<number> = single('size', formatByteSize, (text) => {
  const value = parseByteSize(text);
  if (value === undefined) throw new UnreadableValue(text, 'a size such as 500MB or 2GiB');
  return value;
});

/**
 * One of some words; the case does not matter.
 *
 * @param others what else is read as which of them, though never told
 */
export function wordKind<Word extends string>(
  placeholder: string,
  words: readonly Word[],
  others: ReadonlyMap<string, Word> = new Map(),
): ValueKind<Word> {
  const kind = single<Word>(
    placeholder,
    (value) => value,
    (text) => others.get(text.toLowerCase()) ?? readWord(text, words),
  );
  return { ...kind, words };
}

/** Texts separated by commas, or given one by one. */
export function listKind(placeholder: string): ValueKind<readonly string[]> {
  return list(placeholder, (text) => text);
}

/** Texts given one by one, each whole: they may hold commas. */
export function textsKind(placeholder: string): ValueKind<readonly string[]> {
  const kind = textKind(placeholder);
  return {
    placeholder,
    repeatable: true,
    format: (values) => values.join(' '),
    parse: (texts) => texts.map((text) => kind.parse([text])),
  };
}

/** Patterns of paths, separated by commas outside of braces, or given one by one. */
export const globsKind: ValueKind<readonly string[]> = list('globs', readGlob, splitOutsideBraces);

/** Some of some words, in the order of `words`, each once. */
export function wordsKind<Word extends string>(
  placeholder: string,
  words: readonly Word[],
): ValueKind<readonly Word[]> {
  const kind = list(placeholder, (text) => readWord(text, words));
  return {
    ...kind,
    words,
    parse(texts) {
      const chosen = new Set(kind.parse(texts));
      if (chosen.size === 0) throw new UnreadableValue(texts.join(','), `at least one of ${words.join(', ')}`);
      return words.filter((word) => chosen.has(word));
    },
  };
}

/** One value from one text. */
export function single<Value>(
  placeholder: string | undefined,
  format: (value: Value) => string,
  parse: (text: string) => Value,
): ValueKind<Value> {
  return {
    ...(placeholder === undefined ? {} : { placeholder }),
    repeatable: false,
    format,
    parse: ([text = '']) => parse(text),
  };
}

function list<Value extends string>(
  placeholder: string,
  parse: (text: string) => Value,
  split: (text: string) => readonly string[] = (text) => text.split(','),
): ValueKind<readonly Value[]> {
  return {
    placeholder,
    repeatable: true,
    format: (values) => values.join(','),
    parse: (texts) =>
      texts
        .flatMap(split)
        .map((text) => text.trim())
        .filter((text) => text !== '')
        .map(parse),
  };
}

function readGlob(text: string): string {
  try {
    compileGlob(text);
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    throw new UnreadableValue(
      text,
      'a path with *, **, ?, [a-z] or {a,b}, and \\ before such a sign that means itself',
    );
  }
  return text;
}

function splitOutsideBraces(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [piece] of text.matchAll(/\\?[^]/gu)) {
    if (piece === '{') depth += 1;
    else if (piece === '}') depth -= 1;
    if (piece === ',' && depth <= 0) parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

function readWord<Word extends string>(text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const near = suggest(text, words);
  throw new UnreadableValue(
    text,
    near === undefined ? `one of ${words.join(', ')}` : `one of ${words.join(', ')} (did you mean ${near}?)`,
  );
}
