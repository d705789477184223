import type { Problem } from '../../base/problem.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { parseBundle } from '../bundle/parse.ts';
import { findBundles } from '../cosign/bundles.ts';
import { findLegacySignatures, type LegacyKind, readLegacyReferrers } from '../cosign/legacy-signatures.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
import { signPredicateType } from '../statement/predicate-type.ts';
import type { Artifact } from '../verify/policy.ts';
import { VerificationError } from '../verify/verification-error.ts';
import type { VerifiedSigner } from '../verify/verified-signature.ts';
import { type StatementPolicy, type VerifiedStatement, verifyStatement } from '../verify/verify-statement.ts';
import { type VerifiedLegacySignature, verifyLegacySignature } from './verify-legacy.ts';

/** What an image must have. */
export interface ImagePolicy extends Omit<StatementPolicy, 'predicateType'> {
  /** A signature, or statements of one predicate type; any type where none is named. */
  readonly wanted: { readonly kind: 'signature' } | { readonly kind: 'attestation'; readonly predicateType?: string };
  /** Which layouts are looked at. */
  readonly layouts: readonly Layout[];
  /** Different keys or identities that must have signed. */
  readonly signers: number;
  readonly allowCertificateChain: boolean;
  /** Stands before the tags of the older layout. */
  readonly tagPrefix?: string;
  /** What else a statement must satisfy. @throws VerificationError */
  readonly condition?: (statement: VerifiedStatement) => void;
}

/** How a signature is attached. */
export type Layout = 'bundle' | 'legacy';

/** A signature or attestation that holds. */
export type VerifiedAttachment = { readonly manifest: Digest } & (
  | { readonly layout: 'bundle' | 'legacy'; readonly verified: VerifiedStatement }
  | { readonly layout: 'legacy'; readonly verified: VerifiedLegacySignature }
);

/** One that does not, and why. */
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

interface Candidate {
  readonly manifest: Digest;
  readonly layout: Layout;
  readonly verify: () => Promise<VerifiedAttachment>;
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
  const { candidates, problems } = await findCandidates(remote, digest, policy, now, signal);
  const verified: VerifiedAttachment[] = [];
  const failed: FailedAttachment[] = [];
  for (const { manifest, layout, verify } of candidates) {
    signal?.throwIfAborted();
    try {
      verified.push(await verify());
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      failed.push({ manifest, layout, error });
    }
  }
  return { verified, failed, problems, signers: countSigners(verified) };
}

async function findCandidates(
  remote: RemoteRepository,
  digest: Digest,
  policy: ImagePolicy,
  now: Date,
  signal: AbortSignal | undefined,
): Promise<{ readonly candidates: readonly Candidate[]; readonly problems: readonly Problem[] }> {
  const candidates: Candidate[] = [];
  const problems: Problem[] = [];
  const artifact = artifactOf(digest);
  const { wanted, layouts, allowCertificateChain } = policy;
  const predicateType = wanted.kind === 'signature' ? signPredicateType : wanted.predicateType;
  const statements: StatementPolicy = { ...policy, ...(predicateType === undefined ? {} : { predicateType }) };
  const verifyOne = async (entity: Parameters<typeof verifyStatement>[0]): Promise<VerifiedStatement> => {
    const verified = await verifyStatement(entity, artifact, statements, now);
    policy.condition?.(verified);
    return verified;
  };
  // Whether or not bundles count, the list of referrers is asked: legacy ones may be there too.
  const { bundles, others, problems: unread } = await findBundles(remote, digest, { signal });
  if (layouts.includes('bundle')) {
    problems.push(...unread);
    for (const { bytes, manifest } of bundles) {
      const at = manifest.digest;
      candidates.push({
        manifest: at,
        layout: 'bundle',
        verify: async () => {
          const entity = parseBundle(bytes, { allowCertificateChain });
          return { manifest: at, layout: 'bundle', verified: await verifyOne(entity) };
        },
      });
    }
  }
  if (!layouts.includes('legacy')) return { candidates, problems };
  const kind: LegacyKind = wanted.kind;
  const prefix = policy.tagPrefix === undefined ? {} : { prefix: policy.tagPrefix };
  const [tagged, listed] = await Promise.all([
    findLegacySignatures(remote, digest, kind, { ...prefix, signal }),
    readLegacyReferrers(remote, others, signal),
  ]);
  problems.push(...(tagged?.problems ?? []), ...listed.problems);
  for (const signature of [...(tagged?.signatures ?? []), ...listed.signatures]) {
    if (signature.kind !== kind) continue;
    const at = signature.manifest.digest;
    candidates.push({
      manifest: at,
      layout: 'legacy',
      verify: async () =>
        kind === 'attestation'
          ? { manifest: at, layout: 'legacy', verified: await verifyOne(signature.entity) }
          : { manifest: at, layout: 'legacy', verified: await verifyLegacySignature(signature, digest, policy, now) },
    });
  }
  return { candidates, problems };
}

function artifactOf(digest: Digest): Artifact {
  return { kind: 'digest', algorithm: digestAlgorithm(digest) as HashAlgorithm, hex: digestHex(digest) };
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
