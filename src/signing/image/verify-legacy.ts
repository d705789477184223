import type { LegacySignature } from '../cosign/legacy-signatures.ts';
import type { Digest } from '../../oci/digest.ts';
import { checkAnnotations, type WantedAnnotations } from '../verify/check-annotations.ts';
import type { VerificationPolicy } from '../verify/policy.ts';
import type { VerifiedSignature } from '../verify/verified-signature.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { verifyEntity } from '../verify/verify-entity.ts';
import { parseSimpleSigning, type SimpleSigning } from './simple-signing.ts';

/** A signature in cosign's older form that holds. */
export interface VerifiedLegacySignature extends VerifiedSignature {
  readonly payload: SimpleSigning;
}

/**
 * Verifies a signature of a `.sig` tag: the signature over the payload's bytes, then that the payload names this image, and
 * its annotations.
 *
 * @throws VerificationError
 */
export async function verifyLegacySignature(
  { entity, payload: bytes }: LegacySignature,
  digest: Digest,
  policy: VerificationPolicy & { readonly annotations: WantedAnnotations; readonly checkSubject: boolean },
  now: Date,
): Promise<VerifiedLegacySignature> {
  // Of an envelope only the payload is signed, and what else its bytes say is nobody's word.
  if (entity.content.kind !== 'message') {
    throw new VerificationError('SIGNATURE_UNSUPPORTED', 'An attestation is no signature of an image', {
      check: 'shape',
      found: 'a statement in an envelope',
      wanted: 'a signature over the payload',
    });
  }
  const verified = await verifyEntity(entity, { kind: 'bytes', bytes }, policy, now);
  const payload = parseSimpleSigning(bytes);
  if (policy.checkSubject) {
    if (payload.digest !== digest) {
      throw new VerificationError('ARTIFACT_MISMATCH', 'The signature is of another image', {
        check: 'subject',
        found: payload.digest.slice(0, 200),
        wanted: digest,
      });
    }
    checkAnnotations(payload.annotations, policy.annotations);
  }
  return {
    ...verified,
    passed: [
      ...verified.passed,
      ...(policy.checkSubject ? (['subject'] as const) : []),
      ...(policy.checkSubject && policy.annotations.size > 0 ? (['annotations'] as const) : []),
    ],
    payload,
  };
}
