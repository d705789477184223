import type { KnownSignatures } from '../certificate/known-signatures.ts';
import { signingLimits } from '../limits.ts';
import { type VerifiedTimestamp, verifyTimestamp } from '../timestamp/verify.ts';
import type { Authority } from '../trust/trust-material.ts';
import { VerificationError } from './verification-error.ts';

/** Timestamps, what they are of, and whom to trust. */
export interface TimestampsInput {
  /** Answers of authorities, or the tokens in them, in DER. */
  readonly timestamps: readonly Uint8Array[];
  /** What was stamped: the bytes of the signature, or any of several that hold them. */
  readonly messages: readonly [Uint8Array, ...Uint8Array[]];
  readonly authorities: readonly Authority[];
  /** How many different authorities must have stamped the message; none where nothing is said. */
  readonly threshold?: number;
  /** One for all verifications with the same authorities saves half the work. */
  readonly known?: KnownSignatures;
}

/**
 * Step 4 of a verification: every timestamp is of this signature, and made by a trusted authority whose certificates were
 * valid at the very time that it states (RFC 3161; sigstore's client specification, "Time"). One that does not verify ends
 * the check. All times are given back, since a certificate must have been valid at each; towards the threshold an authority
 * counts once (CVE-2026-49834).
 *
 * @throws VerificationError
 */
export function checkTimestamps(input: TimestampsInput): VerifiedTimestamp[] {
  const { timestamps, messages, authorities, threshold = 0, known } = input;
  if (timestamps.length > signingLimits.timestamps) {
    throw new VerificationError('SIGNATURE_TOO_LARGE', 'The signature has too many timestamps', {
      check: 'timestamp',
      found: `${timestamps.length}`,
      wanted: `at most ${signingLimits.timestamps}`,
    });
  }
  const verified = timestamps.map((bytes) => verifyOne(bytes, messages, authorities, known));
  const stamping = new Set(verified.map(({ authority }) => authority));
  if (stamping.size < threshold) {
    throw new VerificationError('TIME_MISSING', 'Too few trusted authorities have stamped the signature', {
      check: 'timestamp',
      found: `${stamping.size}`,
      wanted: `at least ${threshold}`,
    });
  }
  return verified;
}

function verifyOne(
  bytes: Uint8Array,
  [first, ...others]: TimestampsInput['messages'],
  authorities: readonly Authority[],
  known: KnownSignatures | undefined,
): VerifiedTimestamp {
  try {
    return verifyTimestamp(bytes, first, authorities, known);
  } catch (error) {
    const [second, ...rest] = others;
    if (second === undefined || !(error instanceof VerificationError)) throw error;
    return verifyOne(bytes, [second, ...rest], authorities, known);
  }
}
