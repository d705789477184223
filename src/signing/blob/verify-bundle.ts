import { parseBundle, type ParseBundleOptions } from '../bundle/parse.ts';
import type { Artifact, VerificationPolicy } from '../verify/policy.ts';
import type { VerifiedSignature } from '../verify/verified-signature.ts';
import { verifyEntity } from '../verify/verify-entity.ts';
import { type VerifiedStatement, verifyStatement } from '../verify/verify-statement.ts';

/** A signature over the bytes, or a statement about them. */
export type VerifiedBundle = VerifiedSignature | VerifiedStatement;

/**
 * Verifies that a bundle is about an artifact: signs its bytes, or states something of it. What a statement says is for the
 * caller to look at.
 *
 * @throws VerificationError
 */
export async function verifyBundle(
  bytes: Uint8Array,
  artifact: Artifact,
  policy: VerificationPolicy,
  now: Date,
  options: ParseBundleOptions = {},
): Promise<VerifiedBundle> {
  const entity = parseBundle(bytes, options);
  if (entity.content.kind === 'message') return verifyEntity(entity, artifact, policy, now);
  return verifyStatement(entity, artifact, { ...policy, annotations: new Map(), checkSubject: true }, now);
}
