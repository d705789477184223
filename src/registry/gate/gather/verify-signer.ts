import type { Digest } from '../../../oci/digest.ts';
import type { RemoteRepository } from '../../../oci/client/remote-repository.ts';
import type { Signer } from '../../../policy/model.ts';
import { type ImagePolicy, verifyImage, type VerifiedAttachment } from '../../../signing/image/verify-image.ts';
import { SigningError } from '../../../signing/error.ts';
import { nobody } from '../../../signing/trust/trust-material.ts';
import type { SignatureTrust } from '../model.ts';
import type { VerificationError } from '../../../signing/verify/verification-error.ts';
import { signerPolicies } from './signers.ts';
import { whyUnsigned } from './why-unsigned.ts';

/** What a signer signed of one digest, or why nothing of it counts. */
export interface SignerAttachments {
  readonly verified: readonly VerifiedAttachment[];
  /** For people, without a full stop; undefined when nothing is attached at all. */
  readonly why: string | undefined;
}

/** Where signatures of an image are looked for, and what they are judged by. */
export interface SignatureContext {
  readonly remote: RemoteRepository;
  readonly trust: SignatureTrust;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Verifies what is attached to a digest against one signer, as `seaworthy verify` does.
 *
 * @throws SigningError SIGNATURES_UNAVAILABLE and others when it could not be told
 */
export async function verifySigner(
  { remote, trust, now, signal }: SignatureContext,
  digest: Digest,
  signer: Signer,
  wanted: ImagePolicy['wanted'],
): Promise<SignerAttachments> {
  const verified: VerifiedAttachment[] = [];
  const errors: VerificationError[] = [];
  const problems: string[] = [];
  for (const policy of signerPolicies(signer)) {
    const logs = policy.kind === 'key' ? trust.logsForKeys : 1;
    const material = trust.trust ?? (policy.kind === 'key' && logs === 0 ? nobody : undefined);
    if (material === undefined) {
      throw new SigningError('TRUSTED_ROOT_UNAVAILABLE', 'It is not known yet which authorities and logs are trusted');
    }
    const found = await verifyImage(
      remote,
      digest,
      {
        trust: material,
        ...(trust.known === undefined ? {} : { known: trust.known }),
        timestamps: policy.kind === 'key' && logs === 0 ? 0 : trust.timestamps,
        signer: policy,
        logs,
        annotations: new Map(),
        checkSubject: true,
        wanted,
        layouts: ['bundle', 'legacy'],
        signers: 1,
        allowCertificateChain: false,
      },
      new Date(now()),
      signal,
    );
    verified.push(...found.verified);
    errors.push(...found.failed.map(({ error }) => error));
    problems.push(...found.problems.map(({ message }) => message.replace(/\.$/, '')));
  }
  return { verified, why: whyUnsigned(errors, wanted.kind === 'signature') ?? problems[0] };
}
