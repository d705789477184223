import type { SignedEntity } from '../entity.ts';
import type { VerifiedTimestamp } from '../timestamp/verify.ts';
import type { VerifiedLogEntry } from './check-log-entries.ts';
import { checkTimestamps } from './check-timestamps.ts';
import type { VerificationPolicy } from './policy.ts';
import { VerificationError } from './verification-error.ts';

/** When the signature is proven to have existed, and by whom. */
export interface ProvenTimes {
  readonly timestamps: readonly VerifiedTimestamp[];
  readonly times: readonly Date[];
}

/**
 * Step 4 of the order of checks: the times of trusted timestamps over the signature's bytes, and those that logs promised. A
 * certificate needs one, since it lives for minutes only; it is judged by the present only where the user does not ask logs
 * and there is no timestamp.
 *
 * @throws VerificationError TIME_MISSING, or as {@link checkTimestamps}
 */
export function findTimes(
  entity: SignedEntity,
  logs: readonly VerifiedLogEntry[],
  policy: VerificationPolicy,
  now: Date,
): ProvenTimes {
  const { trust, signer } = policy;
  const { signature } = entity.content;
  const ofLogs = logs.flatMap(({ time }) => (time === undefined ? [] : [time]));
  // Without anybody to trust a stamp says nothing; it is passed over unless it is needed.
  const needed = ofLogs.length === 0 && policy.logs > 0 && signer.kind === 'certificate';
  const ignored = trust.timestampAuthorities.length === 0 && policy.timestamps === 0 && !needed;
  const timestamps = ignored
    ? []
    : checkTimestamps({
        timestamps: entity.timestamps,
        messages: entity.layer === undefined ? [signature] : [signature, entity.layer],
        authorities: trust.timestampAuthorities,
        threshold: policy.timestamps,
        ...(policy.known === undefined ? {} : { known: policy.known }),
      });
  const times = [...timestamps.map(({ time }) => time), ...ofLogs];
  if (times.length > 0 || signer.kind === 'key') return { timestamps, times };
  if (policy.logs === 0) return { timestamps, times: [now] };
  throw new VerificationError('TIME_MISSING', 'Nothing proves when the signature was made', {
    check: 'timestamp',
    found: 'neither a timestamp nor a log that tells the time',
    wanted: 'a timestamp of a trusted authority, or a promise of the log',
  });
}
