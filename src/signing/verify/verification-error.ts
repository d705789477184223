import { SeaworthyError } from '../../base/error.ts';

/** The checks of a verification, in the order in which they are made. */
export const checks = [
  'shape',
  'log-entry',
  'log-body',
  'timestamp',
  'certificate-chain',
  'certificate-transparency',
  'key',
  'signature',
  'subject',
  'identity',
  'annotations',
  'predicate-type',
  'condition',
  // Of Notary Project's signatures besides.
  'trust-policy',
  'expiry',
  'revocation',
] as const;

/** One check. */
export type Check = (typeof checks)[number];

/** Why a signature does not hold. */
export type VerificationErrorCode =
  /** It breaks its format. */
  | 'SIGNATURE_MALFORMED'
  | 'SIGNATURE_UNSUPPORTED'
  /** More of something than any honest signature has. */
  | 'SIGNATURE_TOO_LARGE'
  /** No trusted log vouches for it, or too few. */
  | 'LOG_ENTRY_MISSING'
  | 'LOG_UNKNOWN'
  | 'LOG_PROOF_WRONG'
  /** The log's entry is about another signature, key or artifact. */
  | 'LOG_ENTRY_MISMATCH'
  | 'TIME_MISSING'
  | 'TIMESTAMP_WRONG'
  | 'TIMESTAMP_UNTRUSTED'
  | 'CERTIFICATE_MALFORMED'
  | 'CERTIFICATE_UNTRUSTED'
  /** A certificate or key was not valid at a time at which the signature is proven to have existed. */
  | 'NOT_VALID_THEN'
  | 'CERTIFICATE_PURPOSE'
  | 'SCT_MISSING'
  | 'SCT_WRONG'
  /** A certificate where a key was wanted, the reverse, or another key. */
  | 'SIGNER_KIND'
  | 'SIGNATURE_WRONG'
  | 'ARTIFACT_MISMATCH'
  | 'IDENTITY_MISMATCH'
  | 'ANNOTATION_MISMATCH'
  | 'PREDICATE_TYPE_MISMATCH'
  /** A condition that the user set is not true of the statement. */
  | 'CONDITION_UNMET'
  /** No statement of the user's trust policy is about the image. */
  | 'POLICY_MISSING'
  /** The signer said until when the artifact is to be used. */
  | 'SIGNATURE_EXPIRED'
  /** A certificate may have been revoked, and nobody was asked. */
  | 'REVOCATION_UNKNOWN';

/** What a person needs to see why a check failed. */
export interface VerificationFacts {
  readonly check: Check;
  /** What the signature has. */
  readonly found?: string;
  /** What would have passed. */
  readonly wanted?: string;
}

/** A signature does not hold. The message is one sentence; `facts` carry the rest. */
export class VerificationError extends SeaworthyError<VerificationErrorCode> {
  override readonly name = 'VerificationError';
  readonly facts: VerificationFacts;

  constructor(code: VerificationErrorCode, message: string, facts: VerificationFacts, options?: ErrorOptions) {
    super(code, message, options);
    this.facts = facts;
  }
}
