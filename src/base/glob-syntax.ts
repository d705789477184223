import { SeaworthyError } from './error.ts';
import { printable } from './printable.ts';

/** Bounds for one pattern, far above what people write. */
export const globLimits: {
  /** Code units. */
  readonly length: number;
  /** Patterns that its braces may stand for. */
  readonly alternatives: number;
} = { length: 1_000, alternatives: 256 };

/** A pattern that breaks the syntax. */
export class GlobError extends SeaworthyError<'GLOB_INVALID'> {
  override readonly name = 'GlobError';
}

/** Tells whether one character (a code point) will do. */
export type CharacterTest = (character: string) => boolean;

/** The error for a pattern that breaks the syntax. */
export function invalidGlob(pattern: string, advice: string): GlobError {
  return new GlobError('GLOB_INVALID', `"${printable(pattern)}" is no path pattern: ${advice}`);
}

/**
 * The patterns without braces that a pattern stands for.
 *
 * @throws GlobError GLOB_INVALID
 */
export function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const choice = firstBraces(text, pattern);
    if (choice === undefined) done.push(text);
    else open.push(...choice);
    if (done.length + open.length > globLimits.alternatives) {
      throw invalidGlob(
        pattern,
        `its braces stand for more than ${globLimits.alternatives} patterns; write some of them by themselves`,
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
      if (depth === 0) throw invalidGlob(pattern, 'a "}" closes nothing; write "\\}" for the character');
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
  if (depth > 0) throw invalidGlob(pattern, 'a "{" is never closed; write "\\{" for the character');
  return undefined;
}

/** Index of the "]" that closes the class opened at `start`. @throws GlobError GLOB_INVALID */
export function classEnd(text: string, start: number, pattern: string): number {
  let at = start + 1;
  if (text[at] === '^' || text[at] === '!') at += 1;
  // A class is never empty, so a "]" that comes first is one of its characters.
  for (let first = true; at < text.length; at += 1, first = false) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ']' && !first) return at;
  }
  throw invalidGlob(pattern, 'a "[" is never closed; write "\\[" for the character');
}

/** Reads what stands between the brackets of a class. @throws GlobError GLOB_INVALID */
export function parseClass(body: string, pattern: string): CharacterTest {
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
    else if (to.value < from) throw invalidGlob(pattern, 'a range in "[]" runs backwards');
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
