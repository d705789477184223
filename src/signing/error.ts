import { SeaworthyError } from '../base/error.ts';

/** What can go wrong around signatures, apart from a signature that does not hold (`VerificationError`). */
export type SigningErrorCode =
  /** A key's text cannot be read, or is of a kind that nothing signs with. */
  | 'KEY_INVALID'
  | 'KEY_PASSWORD_WRONG'
  /** The key is somewhere (KMS, cluster, URL) that could not be reached or does not have it. */
  | 'KEY_UNAVAILABLE'
  /** A key file on this machine, or a variable that should hold a key, is not there or cannot be read. */
  | 'KEY_UNREADABLE'
  | 'KEY_REFERENCE_INVALID'
  | 'TRUSTED_ROOT_INVALID'
  | 'TRUSTED_ROOT_UNAVAILABLE'
  | 'SIGNING_CONFIG_INVALID'
  | 'TRUST_POLICY_INVALID'
  /** A named trust store is not there, or holds something else than certificates to trust. */
  | 'TRUST_STORE_INVALID'
  | 'IDENTITY_PATTERN_INVALID'
  | 'IDENTITY_TOKEN_INVALID'
  | 'IDENTITY_TOKEN_UNAVAILABLE'
  /** Fulcio, Rekor, a timestamp authority or an OIDC issuer did not answer, or not in time. */
  | 'SERVICE_UNAVAILABLE'
  /** A service refused what it was asked. */
  | 'SERVICE_REFUSED'
  /** A service answered what its contract does not allow. */
  | 'SERVICE_PROTOCOL'
  | 'STATEMENT_INVALID'
  | 'PREDICATE_INVALID'
  /** Whether something is signed could not be looked up: never the same as "unsigned". */
  | 'SIGNATURES_UNAVAILABLE'
  | 'LIMIT_EXCEEDED';

/** Something could not be signed, or could not be looked at in order to verify it. */
export class SigningError extends SeaworthyError<SigningErrorCode> {
  override readonly name = 'SigningError';
}
