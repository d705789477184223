/** What came of comparing a part of an object with a pattern. */
export type PatternResult =
  | { readonly kind: 'passed' }
  /** A condition of the pattern does not hold, so that it says nothing about this object. */
  | { readonly kind: 'skipped'; readonly path: string; readonly why: string }
  /** `path` is where it differs, as `/spec/containers/0/image`; `why` is for people, without a full stop. */
  | { readonly kind: 'failed'; readonly path: string; readonly why: string };

/** It is as the pattern says. */
export const passed: PatternResult = { kind: 'passed' };

/** It is not as the pattern says. */
export function failed(path: string, why: string): PatternResult {
  return { kind: 'failed', path, why };
}

/** The pattern says nothing about it. */
export function skipped(path: string, why: string): PatternResult {
  return { kind: 'skipped', path, why };
}
