import { createHash } from 'node:crypto';
import type { FaultPlan } from '../fault.ts';
import { type DevKey, makeDevKey, signWith } from '../key/dev-key.ts';
import { encodeSignedPart, type LoggedCertificate, type SignedCertificateTimestamp } from './sct.ts';

/** A log of certificates. It keeps none: nobody asks it for proofs, only for promises. */
export class CertificateLog {
  readonly key: DevKey;
  /** SHA-256 of the key (RFC 6962, 3.2). */
  readonly id: Buffer;
  readonly #faults: FaultPlan;
  readonly #now: () => Date;

  constructor(key: DevKey, faults: FaultPlan, now: () => Date) {
    this.key = key;
    this.id = createHash('sha256').update(key.spki).digest();
    this.#faults = faults;
    this.#now = now;
  }

  promise(logged: LoggedCertificate): SignedCertificateTimestamp {
    const timestamp = BigInt(this.#now().getTime());
    const key = this.#faults.spoils('fulcio.wrong-sct') ? makeDevKey(this.key.type) : this.key;
    return { logId: this.id, timestamp, signature: signWith(key, encodeSignedPart(timestamp, logged)) };
  }
}
