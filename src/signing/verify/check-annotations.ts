import { exactly, type TextMatcher } from './text-matcher.ts';
import { VerificationError } from './verification-error.ts';

/** Annotations that must be signed: with exactly that value, or one that matches. */
export type WantedAnnotations = ReadonlyMap<string, string | TextMatcher>;

/**
 * Step 9 of the order of checks: every annotation that was asked for is signed, with a value that will do.
 *
 * @throws VerificationError ANNOTATION_MISMATCH
 */
export function checkAnnotations(found: ReadonlyMap<string, string>, wanted: WantedAnnotations): void {
  for (const [name, value] of wanted) {
    const there = found.get(name);
    const matcher = typeof value === 'string' ? exactly(value) : value;
    if (there !== undefined && matcher.matches(there)) continue;
    const message = `The annotation "${name}" is not signed with that value`;
    throw new VerificationError('ANNOTATION_MISMATCH', message, {
      check: 'annotations',
      found: there === undefined ? 'no such annotation' : `${name}=${there}`,
      wanted: `${name}=${matcher.wanted}`,
    });
  }
}
