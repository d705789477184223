import type { Problem } from '../../base/problem.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { findBundles } from '../cosign/bundles.ts';
import { findLegacySignatures, readLegacyReferrers } from '../cosign/legacy-signatures.ts';
import { VerificationError } from '../verify/verification-error.ts';
import type { VerifiedSigner } from '../verify/verified-signature.ts';
import {
  bundleCandidates,
  type Candidate,
  type CandidatePolicy,
  type Layout,
  legacyCandidates,
  mayBe,
  type VerifiedAttachment,
  verifyCandidate,
} from './candidate.ts';

/** What an image must have. */
export interface ImagePolicy extends CandidatePolicy {
  /** Which layouts are looked at. */
  readonly layouts: readonly Layout[];
  /** Different keys or identities that must have signed. */
  readonly signers: number;
  readonly allowCertificateChain: boolean;
  /** Stands before the tags of the older layout. */
  readonly tagPrefix?: string;
}

/** One that does not hold, and why. */
export interface FailedAttachment {
  readonly manifest: Digest;
  readonly layout: Layout;
  readonly error: VerificationError;
}

/** What is attached to an image, judged. */
export interface ImageVerification {
  readonly verified: readonly VerifiedAttachment[];
  readonly failed: readonly FailedAttachment[];
  /** What could not be read. */
  readonly problems: readonly Problem[];
  /** Different signers among those that hold. */
  readonly signers: number;
}

/**
 * Looks up what is attached to an image, by its digest, and verifies each signature. Failing to look is thrown: it is never
 * the same as finding nothing.
 *
 * @param remote where signatures lie, beside the image unless the user names another repository
 * @throws SigningError SIGNATURES_UNAVAILABLE, LIMIT_EXCEEDED; NetError for what the user decided; the signal's reason
 */
export async function verifyImage(
  remote: RemoteRepository,
  digest: Digest,
  policy: ImagePolicy,
  now: Date,
  signal?: AbortSignal,
): Promise<ImageVerification> {
  const { candidates, problems } = await findCandidates(remote, digest, policy, signal);
  const verified: VerifiedAttachment[] = [];
  const failed: FailedAttachment[] = [];
  for (const candidate of candidates) {
    signal?.throwIfAborted();
    try {
      verified.push(await verifyCandidate(candidate, digest, policy, now));
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      failed.push({ manifest: candidate.manifest, layout: candidate.layout, error });
    }
  }
  return { verified, failed, problems, signers: countSigners(verified) };
}

async function findCandidates(
  remote: RemoteRepository,
  digest: Digest,
  { wanted, layouts, allowCertificateChain, tagPrefix }: ImagePolicy,
  signal: AbortSignal | undefined,
): Promise<{ readonly candidates: readonly Candidate[]; readonly problems: readonly Problem[] }> {
  const candidates: Candidate[] = [];
  const problems: Problem[] = [];
  // Whether or not bundles count, the list of referrers is asked: legacy ones may be there too.
  const { bundles, others, problems: unread } = await findBundles(remote, digest, { signal });
  if (layouts.includes('bundle')) {
    problems.push(...unread);
    candidates.push(...bundleCandidates(bundles, allowCertificateChain));
  }
  if (!layouts.includes('legacy')) return { candidates, problems };
  const prefix = tagPrefix === undefined ? {} : { prefix: tagPrefix };
  const [tagged, listed] = await Promise.all([
    findLegacySignatures(remote, digest, wanted.kind, { ...prefix, signal }),
    readLegacyReferrers(remote, others, signal),
  ]);
  problems.push(...(tagged?.problems ?? []), ...listed.problems);
  candidates.push(...legacyCandidates([...(tagged?.signatures ?? []), ...listed.signatures]));
  return { candidates: candidates.filter((candidate) => mayBe(candidate, wanted)), problems };
}

/** Signatures of one key, or of one identity however many certificates it got, are one signer's. */
function countSigners(verified: readonly VerifiedAttachment[]): number {
  return new Set(verified.map(({ verified: { signer } }) => signerId(signer))).size;
}

/** What a signer is told apart by. */
function signerId(signer: VerifiedSigner): string {
  if (signer.kind === 'key') return `key ${signer.key.key.spki.toString('base64')}`;
  return JSON.stringify([signer.identity.issuer ?? '', signer.identity.subject]);
}
