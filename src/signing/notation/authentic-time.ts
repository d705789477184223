import { CodecError } from '../../codec/error.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { formatTime, nameOf } from '../certificate/chain-rules.ts';
import { parseTimestamp } from '../timestamp/parse.ts';
import { type VerifiedTimestamp, verifyTimestamp } from '../timestamp/verify.ts';
import type { Authority } from '../trust/trust-material.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { checkTimestampSigner } from './certificate-rules.ts';
import type { NotationEnvelope } from './envelope.ts';
import type { StatementVerification } from './trust-policy.ts';
import type { ReadTrustStore } from './trust-stores.ts';

/** When a signature was made: within this span, both ends included. */
export interface AuthenticTime {
  readonly from: Date;
  readonly to: Date;
  /** Who says so. */
  readonly by: 'signing-authority' | 'timestamp' | 'clock';
  readonly timestamp?: VerifiedTimestamp;
}

/** What the time is found from. */
export interface TimeInput {
  readonly envelope: NotationEnvelope;
  readonly chain: readonly Certificate[];
  readonly verification: StatementVerification;
  readonly readStore: ReadTrustStore;
  readonly now: Date;
}

/** Timestamps that are made by the baseline policy and do not say how exact they are, are so to one second (RFC 3628, 5.2). */
const baselinePolicy = '0.4.0.2023.1.1';

/**
 * "Validate Trusted Timestamp" (trust-store-trust-policy.md): every certificate of the chain was valid when the signature was
 * made. That is the signing authority's word; or a timestamp's, where the policy names authorities for timestamps, and then
 * there must be one; or now, where nothing tells. What the signer says is "not used in trust decisions".
 *
 * @throws VerificationError TIME_MISSING, NOT_VALID_THEN, TIMESTAMP_WRONG, TIMESTAMP_UNTRUSTED and others of
 * {@link verifyTimestamp}; SigningError TRUST_STORE_INVALID
 */
export async function findAuthenticTime(input: TimeInput): Promise<AuthenticTime> {
  const time = await readTime(input);
  for (const certificate of input.chain) {
    for (const end of [time.from, time.to]) {
      if (certificate.notBefore <= end && end <= certificate.notAfter) continue;
      throw new VerificationError(
        'NOT_VALID_THEN',
        `The certificate ${nameOf(certificate)} was not valid ${moments[time.by]}`,
        {
          check: 'timestamp',
          found: formatTime(end),
          wanted: `${certificate.notBefore.toISOString()} to ${certificate.notAfter.toISOString()}`,
        },
      );
    }
  }
  return time;
}

const moments: Readonly<Record<AuthenticTime['by'], string>> = {
  'signing-authority': 'when the signing authority signed',
  timestamp: 'when the signature was stamped',
  clock: 'at the time of verification, and no timestamp says when the signature was made',
};

async function readTime({ envelope, chain, verification, readStore, now }: TimeInput): Promise<AuthenticTime> {
  const { attributes, timestamp, signature } = envelope;
  if (attributes.scheme === 'notary.x509.signingAuthority') {
    return { from: attributes.signingTime, to: attributes.signingTime, by: 'signing-authority' };
  }
  const stores = verification.stores.filter(({ type }) => type === 'tsa');
  const isWanted = verification.timestamps === 'always' || chain.some(({ notAfter }) => notAfter < now);
  if (stores.length === 0 || !isWanted) return { from: now, to: now, by: 'clock' };
  if (timestamp === undefined) {
    throw new VerificationError('TIME_MISSING', 'The signature has no timestamp, which the trust policy wants', {
      check: 'timestamp',
      wanted: stores.map(({ type, name }) => `${type}:${name}`).join(', '),
    });
  }
  const authorities: Authority[] = [];
  for (const store of stores) {
    for (const root of await readStore(store)) {
      const uri = `${store.type}:${store.name}`;
      authorities.push({ uri, certificates: [root], window: { start: new Date(0) } });
    }
  }
  const verified = verifyTimestamp(timestamp, signature, authorities);
  checkTimestampSigner(verified.certificate);
  const span = accuracyOf(timestamp);
  const from = new Date(verified.time.getTime() - span);
  return { from, to: new Date(verified.time.getTime() + span), by: 'timestamp', timestamp: verified };
}

/** By how many milliseconds a timestamp may be wrong, rounded up (RFC 3161, 2.4.2). @throws VerificationError */
function accuracyOf(timestamp: Buffer): number {
  try {
    const { accuracy, policy } = parseTimestamp(timestamp).info;
    if (accuracy === undefined) return policy === baselinePolicy ? 1000 : 0;
    return accuracy.seconds * 1000 + accuracy.milliseconds + (accuracy.microseconds > 0 ? 1 : 0);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new VerificationError('TIMESTAMP_WRONG', cause.message, { check: 'timestamp' }, { cause });
  }
}
