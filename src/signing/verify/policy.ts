import type { Certificate } from '../certificate/certificate.ts';
import type { KnownSignatures } from '../certificate/known-signatures.ts';
import type { Authority, TrustMaterial, ValidityWindow } from '../trust/trust-material.ts';
import type { VerificationKey } from '../key/verification-key.ts';
import type { HashAlgorithm, NamedHash } from '../key/key-type.ts';
import type { TextMatcher } from './text-matcher.ts';
import type { FulcioClaims } from '../certificate/fulcio-extensions.ts';

/** What a signature must have to count. Every field that is set must bite; none is a hint. */
export interface VerificationPolicy {
  readonly trust: TrustMaterial;
  readonly signer: KeyPolicy | CertificatePolicy;
  /** Distinct logs that must hold the signature; 0 where logs are not asked (`--insecure-ignore-tlog`). */
  readonly logs: number;
  /** Distinct timestamp authorities that must vouch for its time (`--use-signed-timestamps`: 1). */
  readonly timestamps: number;
  /** Spares verifying anew, for each signature, how the certificates of the trusted root vouch for each other. */
  readonly known?: KnownSignatures;
}

/** The key that must have signed; any one of several. */
export interface KeyPolicy {
  readonly kind: 'key';
  readonly keys: readonly AcceptedKey[];
}

/** A key, and when it may have signed. */
export interface AcceptedKey {
  /** What a person calls it: a file, a reference. */
  readonly name: string;
  readonly key: VerificationKey;
  /** Absent: at any time. */
  readonly window?: ValidityWindow;
  /**
   * The only digest that its signatures may be over; absent: what goes with the key, and what cosign took besides. Ed25519 hashes by
   * itself.
   */
  readonly hash?: NamedHash;
}

/** Who must have signed, by a certificate. */
export interface CertificatePolicy {
  readonly kind: 'certificate';
  /** Any one of these must match: issuer, subject and claims together. */
  readonly identities: readonly IdentityPolicy[];
  /** Claims that must all be in the certificate, exactly. */
  readonly claims: readonly ClaimPolicy[];
  /** Distinct certificate-transparency logs that must hold the certificate; 0 with `--insecure-ignore-sct`. */
  readonly scts: number;
  /** Promises of logs that came beside the certificate (`--sct`). */
  readonly detachedScts?: readonly Uint8Array[];
  /** The user's own authorities, in place of the trusted root's. */
  readonly authorities?: readonly Authority[];
  /**
   * The very certificate that must have signed. A signature that carries none may be by its key. Where there are no authorities of the
   * user's own, it is trusted as it stands for as long as it is valid, whatever it is for.
   */
  readonly leaf?: Certificate;
}

/** One issuer and subject. What is absent may be anything, which says little unless the authority is the user's own. */
export interface IdentityPolicy {
  /** Certificates of private authorities name no issuer. */
  readonly issuer?: TextMatcher;
  readonly subject?: TextMatcher;
  readonly claims?: readonly ClaimMatcher[];
}

/** A claim of a certificate, by a name of cosign's or its object identifier. */
export interface ClaimMatcher {
  readonly claim: string;
  readonly value: TextMatcher;
}

/** One claim of the workflow that signed. */
export interface ClaimPolicy {
  readonly claim: keyof FulcioClaims;
  readonly value: string;
}

/** What must be signed. */
export type Artifact =
  /** The bytes themselves. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** All of their digests, where they are too many to be held. */
  | { readonly kind: 'digests'; readonly digests: Readonly<Record<HashAlgorithm, Uint8Array>> }
  /** One digest, where that is all there is. */
  | { readonly kind: 'digest'; readonly algorithm: HashAlgorithm; readonly hex: string };
