import { IgnoreError } from './error.ts';
import { ignoreLimits } from './limits.ts';

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
type Token = CharacterTest | typeof anyRun;
type CharacterTest = (character: string) => boolean;
type Segment = readonly Token[] | typeof anySegments;

const anyRun = 'any run of characters';
const anySegments = 'any run of segments';

/**
 * Compiles a pattern of the kind that Trivy's ignore files use (bmatcuk/doublestar v4, "Patterns"): `*` and `?` stay within
 * one segment, `**` as a whole segment is any number of segments, none included; `[a-z]`, `[^a]`, `[!a]`, `{a,b}` and `\`
 * to take the next character as it is.
 *
 * Matching backtracks to the last star only, so its cost is at most the product of the lengths.
 *
 * @throws IgnoreError IGNORE_PATH_INVALID
 */
export function compilePathGlob(pattern: string): PathGlob {
  if (pattern.length > ignoreLimits.patternLength)
    throw invalid(pattern, `keep it within ${ignoreLimits.patternLength} characters`);
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

function invalid(pattern: string, advice: string): IgnoreError {
  return new IgnoreError('IGNORE_PATH_INVALID', `"${pattern.slice(0, 200)}" is no path pattern: ${advice}`);
}

function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const choice = firstBraces(text, pattern);
    if (choice === undefined) done.push(text);
    else open.push(...choice);
    if (done.length + open.length > ignoreLimits.patternAlternatives) {
      throw invalid(
        pattern,
        `its braces stand for more than ${ignoreLimits.patternAlternatives} patterns; write some of them as rules of their own`,
      );
    }
  }
  return done;
}

/** The texts that the first outermost braces stand for; undefined when there are none. */
function firstBraces(text: string, pattern: string): string[] | undefined {
  let depth = 0;
  let opened = -1;
  const cuts: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '[') at = classEnd(text, at, pattern);
    else if (character === '{') {
      if (depth === 0) opened = at;
      depth += 1;
    } else if (character === ',' && depth === 1) cuts.push(at);
    else if (character === '}') {
      if (depth === 0) throw invalid(pattern, 'a "}" closes nothing; write "\\}" for the character');
      depth -= 1;
      if (depth > 0) continue;
      const bounds = [opened, ...cuts, at];
      return bounds
        .slice(1)
        .map(
          (end, index) => text.slice(0, opened) + text.slice((bounds[index] as number) + 1, end) + text.slice(at + 1),
        );
    }
  }
  if (depth > 0) throw invalid(pattern, 'a "{" is never closed; write "\\{" for the character');
  return undefined;
}

/** Index of the "]" that closes the class opened at `start`. */
function classEnd(text: string, start: number, pattern: string): number {
  let at = start + 1;
  if (text[at] === '^' || text[at] === '!') at += 1;
  // A class is never empty, so a "]" that comes first is one of its characters.
  for (let first = true; at < text.length; at += 1, first = false) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ']' && !first) return at;
  }
  throw invalid(pattern, 'a "[" is never closed; write "\\[" for the character');
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
      if (at + 1 >= text.length) throw invalid(pattern, 'it ends in a lone "\\"');
      const escaped = String.fromCodePoint(text.codePointAt(at + 1) as number);
      tokens.push((other) => other === escaped);
      at += escaped.length;
    } else {
      tokens.push((other) => other === character);
      at += character.length - 1;
    }
  }
  finish(text.length);
  return segments;
}

function parseClass(body: string, pattern: string): CharacterTest {
  const negated = body.startsWith('^') || body.startsWith('!');
  const characters: { readonly value: number; readonly escaped: boolean }[] = [];
  const all = Array.from(negated ? body.slice(1) : body);
  for (let at = 0; at < all.length; at += 1) {
    const escaped = all[at] === '\\';
    if (escaped) at += 1;
    characters.push({ value: (all[at] ?? '').codePointAt(0) ?? 0, escaped });
  }
  const ranges: (readonly [number, number])[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const from = (characters[at] as (typeof characters)[number]).value;
    const dash = characters[at + 1];
    const to = characters[at + 2];
    if (dash === undefined || dash.escaped || dash.value !== 0x2d || to === undefined) ranges.push([from, from]);
    else if (to.value < from) throw invalid(pattern, 'a range in "[]" runs backwards');
    else {
      ranges.push([from, to.value]);
      at += 2;
    }
  }
  return (character) => {
    const value = character.codePointAt(0) ?? 0;
    return ranges.some(([from, to]) => value >= from && value <= to) !== negated;
  };
}

function matchSegments(pattern: readonly Segment[], path: readonly (readonly string[])[]): boolean {
  return matchRuns<Segment, readonly string[]>(pattern, path, anySegments, matchSegment);
}

function matchSegment(segment: Segment, characters: readonly string[]): boolean {
  return segment !== anySegments && matchRuns<Token, string>(segment, characters, anyRun, matchCharacter);
}

function matchCharacter(token: Token, character: string): boolean {
  return token !== anyRun && token(character);
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
