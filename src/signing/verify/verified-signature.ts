import type { Certificate } from '../certificate/certificate.ts';
import type { SignedEntity } from '../entity.ts';
import type { VerifiedTimestamp } from '../timestamp/verify.ts';
import type { SignerIdentity } from './check-identity.ts';
import type { VerifiedCertificateTimestamp } from './check-certificate-transparency.ts';
import type { VerifiedLogEntry } from './check-log-entries.ts';
import type { AcceptedKey } from './policy.ts';
import type { Check } from './verification-error.ts';

/** A signature that holds, with everything that was looked at. */
export interface VerifiedSignature {
  readonly entity: SignedEntity;
  readonly signer: VerifiedSigner;
  readonly logs: readonly VerifiedLogEntry[];
  readonly timestamps: readonly VerifiedTimestamp[];
  /** The times at which the signature is proven to have existed; the time of verification where none is and none had to be. */
  readonly times: readonly Date[];
  /** The checks that were made, in order. */
  readonly passed: readonly Check[];
  /** What was not asked of it because the user said so: `log-entry`, `certificate-transparency`. */
  readonly waived: readonly Check[];
}

/** Who signed. */
export type VerifiedSigner =
  | { readonly kind: 'key'; readonly key: AcceptedKey }
  | {
      readonly kind: 'certificate';
      /** The leaf first, the trusted root last. */
      readonly chain: readonly Certificate[];
      readonly identity: SignerIdentity;
      readonly certificateTimestamps: readonly VerifiedCertificateTimestamp[];
    };
