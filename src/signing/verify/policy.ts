import type { KnownSignatures } from '../certificate/known-signatures.ts';
import type { Authority, TrustMaterial, ValidityWindow } from '../trust/trust-material.ts';
import type { VerificationKey } from '../key/verification-key.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
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
}

/** Who must have signed, by a certificate. */
export interface CertificatePolicy {
  readonly kind: 'certificate';
  /** Any one of these must match: issuer and subject together. */
  readonly identities: readonly IdentityPolicy[];
  /** Claims that must all be in the certificate, exactly. */
  readonly claims: readonly ClaimPolicy[];
  /** Distinct certificate-transparency logs that must hold the certificate; 0 with `--insecure-ignore-sct`. */
  readonly scts: number;
  /** Promises of logs that came beside the certificate (`--sct`). */
  readonly detachedScts?: readonly Uint8Array[];
  /** The user's own authorities, in place of the trusted root's. */
  readonly authorities?: readonly Authority[];
}

/** One issuer and subject. */
export interface IdentityPolicy {
  /** Absent where the authority is the user's own, whose certificates name no issuer. */
  readonly issuer?: TextMatcher;
  readonly subject: TextMatcher;
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
