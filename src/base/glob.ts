import { classEnd, expandBraces, globLimits, invalidGlob, parseClass, type CharacterTest } from './glob-syntax.ts';

/** A compiled path pattern. */
export interface PathGlob {
  /** As written. */
  readonly pattern: string;
  /** Code units that it has once its braces are written out: what it costs to keep. */
  readonly size: number;
  /** True when the whole path matches; the leading slash counts. */
  matches(path: string): boolean;
}

/** What one character of a path segment may be, or any run of characters. */
type Token = string | CharacterTest | typeof anyRun;
type Segment = readonly Token[] | typeof anySegments;

const anyRun: unique symbol = Symbol('any run of characters');
const anySegments: unique symbol = Symbol('any run of segments');

/**
 * Compiles a pattern of the kind that Trivy's flags and ignore files use (bmatcuk/doublestar v4, "Patterns"): `*` and `?` stay within
 * one segment, `**` as a whole segment is any number of segments, none included; `[a-z]`, `[^a]`, `[!a]`, `{a,b}` and `\`
 * to take the next character as it is.
 *
 * Matching backtracks to the last star only, so its cost is at most the product of the lengths.
 *
 * @throws GlobError GLOB_INVALID
 */
export function compileGlob(pattern: string): PathGlob {
  if (pattern.length > globLimits.length) throw invalidGlob(pattern, `keep it within ${globLimits.length} characters`);
  const texts = expandBraces(pattern);
  const alternatives = texts.map((text) => parseSegments(text, pattern));
  return {
    pattern,
    size: texts.reduce((sum, text) => sum + text.length, 0),
    matches(path) {
      const segments = path.split('/').map((segment) => Array.from(segment));
      return alternatives.some((alternative) => matchSegments(alternative, segments));
    },
  };
}

function parseSegments(text: string, pattern: string): Segment[] {
  const segments: Segment[] = [];
  let tokens: Token[] = [];
  let start = 0;
  const finish = (end: number): void => {
    segments.push(text.slice(start, end) === '**' ? anySegments : tokens);
    tokens = [];
    start = end + 1;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = String.fromCodePoint(text.codePointAt(at) as number);
    if (character === '/') finish(at);
    else if (character === '*') {
      if (tokens.at(-1) !== anyRun) tokens.push(anyRun);
    } else if (character === '?') tokens.push(() => true);
    else if (character === '[') {
      const end = classEnd(text, at, pattern);
      tokens.push(parseClass(text.slice(at + 1, end), pattern));
      at = end;
    } else if (character === '\\') {
      if (at + 1 >= text.length) throw invalidGlob(pattern, 'it ends in a lone "\\"');
      const escaped = String.fromCodePoint(text.codePointAt(at + 1) as number);
      tokens.push(escaped);
      at += escaped.length;
    } else {
      tokens.push(character);
      at += character.length - 1;
    }
  }
  finish(text.length);
  return segments;
}

function matchSegments(pattern: readonly Segment[], path: readonly (readonly string[])[]): boolean {
  return matchRuns<Segment, readonly string[]>(pattern, path, anySegments, matchSegment);
}

function matchSegment(segment: Segment, characters: readonly string[]): boolean {
  return segment !== anySegments && matchRuns<Token, string>(segment, characters, anyRun, matchCharacter);
}

function matchCharacter(token: Token, character: string): boolean {
  return typeof token === 'function' ? token(character) : token === character;
}

/** Wildcard matching of any two lists: on a mismatch the last run takes one item more; earlier ones never need to. */
function matchRuns<Wanted, Given>(
  wanted: readonly Wanted[],
  given: readonly Given[],
  run: Wanted,
  one: (wanted: Wanted, given: Given) => boolean,
): boolean {
  let at = 0;
  let runAt = -1;
  let taken = 0;
  for (let index = 0; index < given.length;) {
    const next = wanted[at] as Wanted;
    if (at < wanted.length && next === run) {
      runAt = at;
      taken = index;
      at += 1;
    } else if (at < wanted.length && one(next, given[index] as Given)) {
      at += 1;
      index += 1;
    } else if (runAt >= 0) {
      taken += 1;
      index = taken;
      at = runAt + 1;
    } else return false;
  }
  while (at < wanted.length && wanted[at] === run) at += 1;
  return at === wanted.length;
}
