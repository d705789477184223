import { RE2JS } from 're2js';
import { errorMessage, SeaworthyError } from './error.ts';
import { compileGlob } from './glob.ts';
import { printable } from './printable.ts';

/** Bounds for patterns of names, which people write but which servers are sent too. */
export const patternLimits: {
  /** Patterns in one list. */
  readonly patterns: number;
  /** Code units of a pattern. */
  readonly length: number;
} = { patterns: 100, length: 256 };

/** A pattern of names that breaks its syntax, or a limit. */
export class PatternError extends SeaworthyError<'PATTERN_INVALID' | 'LIMIT_EXCEEDED'> {
  override readonly name = 'PatternError';
}

/**
 * A pattern of names with parts between slashes, such as repositories and tags, as it stands in a configuration. It must match the
 * whole name.
 *
 * - a text, or `{ glob }`: `*` and `?` within one part of a path, `**` any number of parts, `[a-z]`, `{a,b}`, `\` to escape
 * - `{ wildcard }`: `*` is any run of characters, slashes included, and everything else itself, as in Amazon ECR
 * - `{ regex }`: a regular expression in RE2's syntax, which takes linear time
 */
export type PatternSpec =
  | string
  | { readonly glob: string }
  | { readonly wildcard: string }
  | { readonly regex: string };

/** A pattern that is ready to be used. */
export interface NamePattern {
  /** As written, for sentences. */
  readonly text: string;
  /** True when the whole name matches. */
  matches(name: string): boolean;
}

/**
 * Compiles a pattern.
 *
 * @throws PatternError PATTERN_INVALID
 */
export function compilePattern(spec: PatternSpec): NamePattern {
  const { kind, text } = read(spec);
  if (text === '') throw invalid(text, 'it is empty; write "**" for every name');
  if (text.length > patternLimits.length) {
    throw invalid(text, `keep it within ${patternLimits.length} characters`);
  }
  if (kind === 'wildcard') return compileWildcard(text);
  try {
    if (kind === 'glob') {
      const glob = compileGlob(text);
      const simple = compileSimpleGlob(text);
      return { text, matches: simple ?? ((name) => glob.matches(name)) };
    }
    const expression = RE2JS.compile(text);
    return { text: `/${text}/`, matches: (name) => expression.testExact(name) };
  } catch (cause) {
    throw invalid(text, errorMessage(cause), cause);
  }
}

/** Compiles a list of patterns, any of which may match. @throws PatternError PATTERN_INVALID, LIMIT_EXCEEDED */
export function compilePatterns(specs: readonly PatternSpec[]): readonly NamePattern[] {
  if (specs.length > patternLimits.patterns) {
    throw new PatternError(
      'LIMIT_EXCEEDED',
      `A list has ${specs.length} patterns; keep it within ${patternLimits.patterns}`,
    );
  }
  return specs.map(compilePattern);
}

/** True when one of the patterns matches; never for an empty list. */
export function matchesAny(patterns: readonly NamePattern[], name: string): boolean {
  return patterns.some((pattern) => pattern.matches(name));
}

function read(spec: PatternSpec): { readonly kind: 'glob' | 'wildcard' | 'regex'; readonly text: string } {
  if (typeof spec === 'string') return { kind: 'glob', text: spec };
  if ('glob' in spec) return { kind: 'glob', text: spec.glob };
  if ('wildcard' in spec) return { kind: 'wildcard', text: spec.wildcard };
  return { kind: 'regex', text: spec.regex };
}

/**
 * A quick way to match a glob of the kinds that people write most: parts with nothing but stars in them, and perhaps `**` as the last
 * part. Undefined for any other. `compileGlob` says the same more slowly.
 */
function compileSimpleGlob(text: string): ((name: string) => boolean) | undefined {
  const parts = text.split('/');
  const open = parts.at(-1) === '**';
  const wanted = open ? parts.slice(0, -1) : parts;
  if (/[?[\]{}\\]/.test(text) || wanted.some((part) => part.includes('**'))) return undefined;
  if (wanted.length === 0) return () => true;
  if (!text.includes('*')) return (name) => name === text;
  const last = wanted.length - 1;
  const tests = wanted.map((part) => compileWildcard(part));
  return (name) => {
    let start = 0;
    for (const [index, test] of tests.entries()) {
      const slash = name.indexOf('/', start);
      const end = slash < 0 ? name.length : slash;
      if (!test.matches(name.slice(start, end))) return false;
      if (index === last) return slash < 0 || open;
      if (slash < 0) return false;
      start = slash + 1;
    }
    return false;
  };
}

/** The first and the last piece are fixed to the ends; each between is taken as early as it comes, which never misses. */
function compileWildcard(text: string): NamePattern {
  const pieces = text.split('*');
  const first = pieces[0] as string;
  const last = pieces.at(-1) as string;
  const middle = pieces.slice(1, -1);
  return {
    text,
    matches(name) {
      if (pieces.length === 1) return name === text;
      if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
      const end = name.length - last.length;
      let at = first.length;
      for (const piece of middle) {
        const found = name.indexOf(piece, at);
        if (found < 0) return false;
        at = found + piece.length;
      }
      return at <= end;
    },
  };
}

function invalid(text: string, why: string, cause?: unknown): PatternError {
  return new PatternError(
    'PATTERN_INVALID',
    `The pattern "${printable(text)}" cannot be used: ${printable(why, 300)}`,
    cause === undefined ? undefined : { cause },
  );
}
