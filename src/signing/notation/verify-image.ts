import type { Problem } from '../../base/problem.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { findSignatures } from './find-signatures.ts';
import { parseEnvelope } from './parse-envelope.ts';
import { type NotationPolicy, type VerifiedNotationSignature, verifyEnvelope } from './verify-envelope.ts';

/** What is asked of an image. */
export interface NotationImagePolicy extends NotationPolicy {
  /** How many signatures are looked at. */
  readonly most: number;
}

/** The signatures of an image, judged. One that holds is enough. */
export interface NotationVerification {
  readonly verified: readonly { readonly manifest: Digest; readonly signature: VerifiedNotationSignature }[];
  readonly failed: readonly { readonly manifest: Digest; readonly error: VerificationError }[];
  /** What could not be read. */
  readonly problems: readonly Problem[];
}

/**
 * Looks up the signatures of Notary Project that are attached to an image, by its digest, and verifies each. Failing to look
 * is thrown: it is never the same as finding nothing.
 *
 * @param artifact as it was resolved, once: a signature of another digest, size or media type is none of it
 * @throws SigningError SIGNATURES_UNAVAILABLE, LIMIT_EXCEEDED, TRUST_STORE_INVALID; the signal's reason
 */
export async function verifyNotationImage(
  remote: RemoteRepository,
  artifact: Descriptor,
  policy: NotationImagePolicy,
  now: Date,
  signal?: AbortSignal,
): Promise<NotationVerification> {
  const { envelopes, problems } = await findSignatures(remote, artifact.digest, policy.most, signal);
  const verified: NotationVerification['verified'][number][] = [];
  const failed: NotationVerification['failed'][number][] = [];
  for (const { manifest, mediaType, bytes } of envelopes) {
    signal?.throwIfAborted();
    try {
      const signature = await verifyEnvelope(parseEnvelope(bytes, mediaType), artifact, policy, now);
      verified.push({ manifest: manifest.digest, signature });
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      failed.push({ manifest: manifest.digest, error });
    }
  }
  return { verified, failed, problems };
}
