import { createHash } from 'node:crypto';
import type { CertificateLog } from '../ct/log.ts';
import { detachedSctJson, sctListExtension } from '../ct/sct.ts';
import type { FaultPlan } from '../fault.ts';
import { type DevKey, makeDevKey } from '../key/dev-key.ts';
import type { KeyRing } from '../key/key-ring.ts';
import type { SubmittedKey } from '../key/submitted-key.ts';
import { type Authority, intermediateCertificate, type Period, rootCertificate } from '../x509/authority.ts';
import { signatureAlgorithm } from '../x509/algorithm.ts';
import { signerOf } from '../x509/signer.ts';
import { type CertificateFields, encodeTbs, makeSerialNumber, signCertificate } from '../../codec/x509/certificate.ts';
import { purposes } from '../../codec/x509/extension.ts';
import { distinguishedName, emptyName } from '../../codec/x509/name.ts';
import { leafExtensions } from './leaf-extensions.ts';
import type { Principal } from './principal.ts';

/** A certificate that was issued. */
export interface IssuedCertificate {
  /** DER, the leaf first, the root last. */
  readonly chain: readonly Buffer[];
  /** What the log promised, in JSON, where it is not in the certificate. */
  readonly detachedSct?: string;
}

const minute = 60_000;
const hour = 60 * minute;
const year = 365 * 24 * hour;
const rootName = distinguishedName('sigstore-dev', 'sigstore-dev root');
const intermediateName = distinguishedName('sigstore-dev', 'sigstore-dev intermediate');

/** Fulcio's authority: a root, an intermediate below it, and leaves that live ten minutes. */
export class CodeAuthority {
  readonly #log: CertificateLog;
  readonly #faults: FaultPlan;
  readonly #now: () => Date;
  readonly #root: Authority;
  readonly #issuer: Authority;

  constructor(options: {
    readonly ring: KeyRing;
    readonly log: CertificateLog;
    readonly faults: FaultPlan;
    readonly now: () => Date;
  }) {
    ({ log: this.#log, faults: this.#faults, now: this.#now } = options);
    const rootKey = options.ring.key('fulcio-root', 'ecdsa-p384');
    const root = options.ring.document('fulcio-root.crt', () => this.#rootOf(rootKey).chain[0] as Buffer);
    this.#root = { name: rootName, key: rootKey, chain: [root] };
    const key = options.ring.key('fulcio-intermediate', 'ecdsa-p384');
    const make = (): Buffer => this.#intermediate(this.#root, key, this.#period(-hour, 10 * year));
    const own = options.ring.document('fulcio-intermediate.crt', make);
    this.#issuer = { name: intermediateName, key, chain: [own, ...this.#root.chain] };
  }

  /** DER, the intermediate first. */
  get chain(): readonly Buffer[] {
    return this.#issuer.chain;
  }

  /** A certificate for a key whose holder proved to be somebody. */
  issue(principal: Principal, key: SubmittedKey, sct: 'embedded' | 'detached'): IssuedCertificate {
    const issuer = this.#issuerOfNext();
    const spki = this.#faults.spoils('fulcio.other-key') ? makeDevKey('ecdsa-p256').spki : key.spki;
    const fields: CertificateFields = {
      serialNumber: makeSerialNumber(),
      issuer: issuer.name,
      subject: emptyName,
      ...this.#leafPeriod(),
      spki,
      extensions: leafExtensions(principal, spki, issuer.key.spki, this.#faults),
    };
    const noSct = this.#faults.spoils('fulcio.no-sct');
    const promised = noSct || sct === 'detached' ? fields : this.#withPromises(fields, issuer);
    const signingKey = this.#faults.spoils('fulcio.wrong-signature') ? makeDevKey('ecdsa-p384') : issuer.key;
    const leaf = signCertificate(promised, signerOf(issuer.key, signingKey));
    const above = this.#faults.spoils('fulcio.no-intermediate') ? issuer.chain.slice(1) : issuer.chain;
    const chain = [leaf, ...above];
    if (noSct || sct === 'embedded') return { chain };
    return { chain, detachedSct: detachedSctJson(this.#log.promise({ kind: 'certificate', der: leaf })) };
  }

  /** RFC 6962, 3.2: the log signs what the certificate will be without its promises, and the hash of who issues it. */
  #withPromises(fields: CertificateFields, issuer: Authority): CertificateFields {
    const issuerKeyHash = createHash('sha256').update(issuer.key.spki).digest();
    const tbs = encodeTbs(fields, signatureAlgorithm(issuer.key));
    const promise = this.#log.promise({ kind: 'precertificate', tbs, issuerKeyHash });
    const promises = this.#faults.spoils('fulcio.empty-sct-list')
      ? []
      : this.#faults.spoils('fulcio.two-scts')
        ? [promise, promise]
        : [promise];
    return { ...fields, extensions: [...fields.extensions, sctListExtension(promises)] };
  }

  /** The usual issuer, or one that a fault makes for this certificate, with a key of its own. */
  #issuerOfNext(): Authority {
    const expired = this.#faults.spoils('fulcio.expired-intermediate');
    const other = this.#faults.spoils('fulcio.other-authority');
    if (!expired && !other) return this.#issuer;
    const root = other ? this.#rootOf(makeDevKey('ecdsa-p384')) : this.#root;
    const key = makeDevKey('ecdsa-p384');
    const own = this.#intermediate(root, key, expired ? this.#period(-2 * year, -year) : this.#period(-hour, year));
    return { name: intermediateName, key, chain: [own, ...root.chain] };
  }

  #rootOf(key: DevKey): Authority {
    return { name: rootName, key, chain: [rootCertificate(rootName, key, this.#period(-hour, 10 * year))] };
  }

  #intermediate(root: Authority, key: DevKey, period: Period): Buffer {
    return intermediateCertificate(root, intermediateName, key, purposes.codeSigning, period);
  }

  #leafPeriod(): Period {
    if (this.#faults.spoils('fulcio.expired-leaf')) return this.#period(-hour - 10 * minute, -hour);
    if (this.#faults.spoils('fulcio.future-leaf')) return this.#period(hour, hour + 10 * minute);
    return this.#period(0, 10 * minute);
  }

  #period(start: number, end: number): Period {
    const now = this.#now().getTime();
    return { notBefore: new Date(now + start), notAfter: new Date(now + end) };
  }
}
