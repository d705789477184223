import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { parseBundle } from '../bundle/parse.ts';
import type { AttachedBundle } from '../cosign/bundles.ts';
import type { LegacySignature } from '../cosign/legacy-signatures.ts';
import type { SignedEntity } from '../entity.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
import { signPredicateType } from '../statement/predicate-type.ts';
import type { Artifact } from '../verify/policy.ts';
import { type StatementPolicy, type VerifiedStatement, verifyStatement } from '../verify/verify-statement.ts';
import { type VerifiedLegacySignature, verifyLegacySignature } from './verify-legacy.ts';

/** How a signature is attached. */
export type Layout = 'bundle' | 'legacy';

/** A signature, or statements of one predicate type; any type where none is named. */
export type WantedAttachment =
  | { readonly kind: 'signature' }
  | { readonly kind: 'attestation'; readonly predicateType?: string };

/** Something attached that may be a signature or an attestation: nothing of it is verified yet. */
export type Candidate = { readonly manifest: Digest } & (
  | {
      readonly layout: 'bundle';
      /** Read when it is first asked for, and once. @throws VerificationError */
      readonly entity: () => SignedEntity;
    }
  | { readonly layout: 'legacy'; readonly signature: LegacySignature }
);

/** What a candidate is verified against. */
export interface CandidatePolicy extends Omit<StatementPolicy, 'predicateType'> {
  readonly wanted: WantedAttachment;
  /** What else a statement must satisfy. @throws VerificationError */
  readonly condition?: (statement: VerifiedStatement) => void;
}

/** A signature or attestation that holds. */
export type VerifiedAttachment = { readonly manifest: Digest } & (
  | { readonly layout: 'bundle' | 'legacy'; readonly verified: VerifiedStatement }
  | { readonly layout: 'legacy'; readonly verified: VerifiedLegacySignature }
);

/** Makes candidates of bundles. @param allowCertificateChain see `parseBundle` */
export function bundleCandidates(bundles: readonly AttachedBundle[], allowCertificateChain: boolean): Candidate[] {
  return bundles.map(({ bytes, manifest }) => ({
    manifest: manifest.digest,
    layout: 'bundle',
    entity: once(() => parseBundle(bytes, { allowCertificateChain })),
  }));
}

/** Makes candidates of what was attached in cosign's older layouts. */
export function legacyCandidates(signatures: readonly LegacySignature[]): Candidate[] {
  return signatures.map((signature) => ({ manifest: signature.manifest.digest, layout: 'legacy', signature }));
}

/** Whether a candidate might be what is wanted: one in an older layout is either a signature or an attestation and never both. */
export function mayBe(candidate: Candidate, { kind }: WantedAttachment): boolean {
  return candidate.layout === 'bundle' || candidate.signature.kind === kind;
}

/**
 * Verifies a candidate, from memory alone. A bundle of another predicate type is no signature, whoever made it.
 *
 * @param digest of the image, which alone says what is signed: no tag is asked for again
 * @throws VerificationError
 */
export async function verifyCandidate(
  candidate: Candidate,
  digest: Digest,
  policy: CandidatePolicy,
  now: Date,
): Promise<VerifiedAttachment> {
  const { manifest, layout } = candidate;
  const { wanted } = policy;
  if (layout === 'legacy' && wanted.kind === 'signature') {
    return { manifest, layout, verified: await verifyLegacySignature(candidate.signature, digest, policy, now) };
  }
  const entity = layout === 'bundle' ? candidate.entity() : candidate.signature.entity;
  const predicateType = wanted.kind === 'signature' ? signPredicateType : wanted.predicateType;
  const statements = { ...policy, ...(predicateType === undefined ? {} : { predicateType }) };
  const verified = await verifyStatement(entity, artifactOf(digest), statements, now);
  policy.condition?.(verified);
  return { manifest, layout, verified };
}

function artifactOf(digest: Digest): Artifact {
  return { kind: 'digest', algorithm: digestAlgorithm(digest) as HashAlgorithm, hex: digestHex(digest) };
}

/** What failed fails again, with the same error. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | { readonly error: unknown } | undefined;
  return () => {
    made ??= attempt(make);
    if ('error' in made) throw made.error;
    return made.value;
  };
}

function attempt<Value>(make: () => Value): { readonly value: Value } | { readonly error: unknown } {
  try {
    return { value: make() };
  } catch (error) {
    return { error };
  }
}
