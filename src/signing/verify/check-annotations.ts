import { VerificationError } from './verification-error.ts';

/**
 * Step 9 of the order of checks: every annotation that was asked for is signed, with exactly that value.
 *
 * @throws VerificationError ANNOTATION_MISMATCH
 */
export function checkAnnotations(found: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): void {
  for (const [name, value] of wanted) {
    const there = found.get(name);
    if (there === value) continue;
    const message = `The annotation "${name}" is not signed with that value`;
    throw new VerificationError('ANNOTATION_MISMATCH', message, {
      check: 'annotations',
      found: there === undefined ? 'no such annotation' : `${name}=${there}`,
      wanted: `${name}=${value}`,
    });
  }
}
