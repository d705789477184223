import type { Digest } from '../../../oci/digest.ts';
import type { BySigner, Gathered, SignatureCheck } from '../../../policy/evidence.ts';
import type { Signer } from '../../../policy/model.ts';
import { gathered } from './look.ts';
import { signedBy } from './signers.ts';
import { type SignatureContext, verifySigner } from './verify-signer.ts';

/**
 * Looks for the signatures of signers. What signs an index signs the images in it, which it names by their digests.
 *
 * @param digests of the image, and of indexes of its repository that name it
 */
export async function gatherSignatures(
  context: SignatureContext,
  digests: readonly Digest[],
  signers: readonly Signer[],
): Promise<BySigner<SignatureCheck>> {
  const checks: Record<string, Gathered<SignatureCheck>> = {};
  for (const signer of signers) {
    checks[signer.name] = await gathered(context.now, context.signal, () => check(context, digests, signer));
  }
  return checks;
}

async function check(
  context: SignatureContext,
  digests: readonly Digest[],
  signer: Signer,
): Promise<SignatureCheck | undefined> {
  let why: string | undefined;
  for (const digest of digests) {
    const found = await verifySigner(context, digest, signer, { kind: 'signature' });
    if (found.verified.length > 0) return { verified: true, by: signedBy(found.verified) };
    why ??= found.why;
  }
  return why === undefined ? undefined : { verified: false, why };
}
