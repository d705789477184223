import type { VerificationKey } from '../key/verification-key.ts';
import type { Signer } from '../signer.ts';

/** A key that a key management service holds. */
export interface KmsKey {
  /** Public halves of all versions that may have signed, the newest first. */
  readonly publicKeys: readonly VerificationKey[];
  /** Signs with the newest version. */
  readonly signer: Signer;
}
