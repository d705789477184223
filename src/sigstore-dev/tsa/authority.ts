import type { FaultPlan } from '../fault.ts';
import { makeDevKey } from '../key/dev-key.ts';
import type { KeyRing } from '../key/key-ring.ts';
import { type Authority, type Period, rootCertificate } from '../x509/authority.ts';
import { signerOf } from '../x509/signer.ts';
import { makeSerialNumber, signCertificate } from '../../codec/x509/certificate.ts';
import { authorityKeyId, extendedKeyUsage, keyUsage, purposes, subjectKeyId } from '../../codec/x509/extension.ts';
import { distinguishedName } from '../../codec/x509/name.ts';
import { encodeRejection, encodeResponse } from './timestamp.ts';
import type { TimestampRequest } from './timestamp-request.ts';

const hour = 3_600_000;
const day = 24 * hour;
const year = 365 * day;

/** How a timestamp authority works. */
export interface TimeAuthorityOptions {
  readonly ring: KeyRing;
  readonly faults: FaultPlan;
  readonly now: () => Date;
  /** Whether times have fractions of a second: by the clock, or always these milliseconds. */
  readonly fractions: boolean | number;
}

/** Says when something was there (RFC 3161): a certificate of its own under a root. */
export class TimeAuthority {
  readonly #options: TimeAuthorityOptions;
  readonly #signer: Authority;

  constructor(options: TimeAuthorityOptions) {
    this.#options = options;
    this.#signer = this.#open();
  }

  /** DER, its own certificate first. */
  get chain(): readonly Buffer[] {
    return this.#signer.chain;
  }

  /** A `TimeStampResp` in DER. */
  stamp(request: TimestampRequest): Buffer {
    const { faults } = this.#options;
    if (faults.spoils('tsa.rejection')) return encodeRejection();
    const signer = this.#signerOfNext();
    const { nonce, ...rest } = request;
    const asked = {
      ...rest,
      digest: faults.spoils('tsa.wrong-imprint') ? Buffer.alloc(request.digest.length, 7) : request.digest,
      ...(nonce === undefined || faults.spoils('tsa.no-nonce') ? {} : { nonce: this.#nonce(nonce) }),
    };
    const signingKey = faults.spoils('tsa.wrong-signature') ? makeDevKey(signer.key.type) : signer.key;
    return encodeResponse(asked, signer, this.#time(), makeSerialNumber(), signingKey);
  }

  #nonce(nonce: Buffer): Buffer {
    if (!this.#options.faults.spoils('tsa.wrong-nonce')) return nonce;
    const other = Buffer.from(nonce);
    other[other.length - 1] = (other.at(-1) as number) ^ 1;
    return other;
  }

  #time(): Date {
    const { faults, fractions, now } = this.#options;
    const shift = faults.spoils('tsa.future-time') ? day : faults.spoils('tsa.past-time') ? -day : 0;
    const time = now().getTime() + shift;
    if (fractions === true) return new Date(time);
    return new Date(Math.floor(time / 1000) * 1000 + (fractions === false ? 0 : fractions));
  }

  #open(): Authority {
    const { ring } = this.#options;
    const key = ring.key('tsa', 'ecdsa-p384');
    const rootKey = ring.key('tsa-root', 'ecdsa-p384');
    const root = ring.document('tsa-root.crt', () =>
      rootCertificate(rootName, rootKey, this.#period(-hour, 10 * year)),
    );
    const issuer = { name: rootName, key: rootKey, chain: [root] };
    const own = ring.document('tsa.crt', () => signerCertificate(issuer, key, this.#period(-hour, 9 * year), true));
    return { name: ownName, key, chain: [own, root] };
  }

  /** The usual signer, or one that a fault makes for this timestamp, with a key of its own. */
  #signerOfNext(): Authority {
    const { faults, ring } = this.#options;
    const other = faults.spoils('tsa.other-authority');
    const expired = faults.spoils('tsa.expired-chain');
    const noUsage = faults.spoils('tsa.no-usage');
    if (!other && !expired && !noUsage) return this.#signer;
    const rootKey = other ? makeDevKey('ecdsa-p384') : ring.key('tsa-root', 'ecdsa-p384');
    const key = makeDevKey('ecdsa-p384');
    const issuer = { name: rootName, key: rootKey, chain: this.#signer.chain.slice(1) };
    const own = signerCertificate(
      issuer,
      key,
      expired ? this.#period(-2 * year, -year) : this.#period(-hour, year),
      !noUsage,
    );
    return { name: ownName, key, chain: [own, ...issuer.chain] };
  }

  #period(start: number, end: number): Period {
    const now = this.#options.now().getTime();
    return { notBefore: new Date(now + start), notAfter: new Date(now + end) };
  }
}

const rootName = distinguishedName('sigstore-dev', 'sigstore-dev tsa root');
const ownName = distinguishedName('sigstore-dev', 'sigstore-dev tsa');

/** RFC 3161, 2.3: the only purpose is timestamping, and that is critical. */
function signerCertificate(issuer: Authority, key: Authority['key'], period: Period, forTime: boolean): Buffer {
  const extensions = [
    keyUsage('messages'),
    forTime ? extendedKeyUsage(purposes.timeStamping, true) : extendedKeyUsage(purposes.codeSigning, true),
    subjectKeyId(key.spki),
    authorityKeyId(issuer.key.spki),
  ];
  const names = { serialNumber: makeSerialNumber(), issuer: issuer.name, subject: ownName };
  return signCertificate({ ...names, ...period, spki: key.spki, extensions }, signerOf(issuer.key));
}
