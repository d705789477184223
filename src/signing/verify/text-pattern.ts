import { RE2JS } from 're2js';
import { errorMessage } from '../../base/error.ts';
import { SigningError } from '../error.ts';
import type { TextMatcher } from './text-matcher.ts';

/** Longer patterns are mistakes or attacks on the matcher. */
const maxPattern = 4096;

/**
 * A pattern in Go's syntax, as cosign takes it, matched in linear time and over the whole text: `https://github.com/org/.*`
 * does not match `https://evil.example/?https://github.com/org/`, as it would unanchored.
 *
 * @throws SigningError IDENTITY_PATTERN_INVALID
 */
export function matching(pattern: string): TextMatcher {
  const compiled = compile(pattern);
  return { wanted: `a match of ${pattern}`, matches: (text) => compiled.matches(text) };
}

/**
 * A pattern in the same syntax that need match some of a text alone, as Kyverno has it (`subjectRegExp`): whoever writes it anchors
 * it, or lets in more than was meant.
 *
 * @throws SigningError IDENTITY_PATTERN_INVALID
 */
export function searching(pattern: string): TextMatcher {
  const compiled = compile(pattern);
  return { wanted: `something with a match of ${pattern}`, matches: (text) => compiled.test(text) };
}

function compile(pattern: string): RE2JS {
  if (pattern.length > maxPattern) throw invalid(pattern, `it is longer than ${maxPattern} characters`);
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw invalid(pattern, errorMessage(cause), cause);
  }
}

function invalid(pattern: string, why: string, cause?: unknown): SigningError {
  return new SigningError(
    'IDENTITY_PATTERN_INVALID',
    `The pattern "${pattern.slice(0, 100)}" cannot be used: ${why}; write it in Go's syntax of regular expressions`,
    cause === undefined ? undefined : { cause },
  );
}
