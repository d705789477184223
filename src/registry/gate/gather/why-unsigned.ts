import { checks, type VerificationError } from '../../../signing/verify/verification-error.ts';

/**
 * Why nothing of what is attached counts, for whoever is denied: of several reasons that of the signature which came furthest, since it is
 * the one that was meant to count. Advice is left out, which is about the command line. Without a full stop; undefined for no reasons.
 *
 * @param isSignature whether signatures were looked for, of which a statement that says something else is none
 */
export function whyUnsigned(errors: readonly VerificationError[], isSignature: boolean): string | undefined {
  let nearest: VerificationError | undefined;
  for (const error of errors) {
    if (nearest === undefined || progress(error, isSignature) > progress(nearest, isSignature)) nearest = error;
  }
  return nearest?.message.replace(/(?:; .*)?\.?$/s, '');
}

/** How many checks it came through. One by a key where a person was wanted, or the reverse, was looked at no further. */
function progress({ code, facts }: VerificationError, isSignature: boolean): number {
  if (code === 'PREDICATE_TYPE_MISMATCH' && isSignature) return -2;
  const isOtherKind =
    code === 'SIGNER_KIND' && facts.found !== undefined && /^a (?:certificate|bare key)$/.test(facts.found);
  return isOtherKind ? -1 : checks.indexOf(facts.check);
}
