import type { DevKey } from '../key/dev-key.ts';
import { type CertificateFields, makeSerialNumber, signCertificate } from '../../codec/x509/certificate.ts';
import { signerOf } from './signer.ts';
import {
  authorityKeyId,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectKeyId,
} from '../../codec/x509/extension.ts';

/** One that issues certificates. */
export interface Authority {
  readonly name: Buffer;
  readonly key: DevKey;
  /** DER, its own first, the root last. */
  readonly chain: readonly Buffer[];
}

/** From when until when a certificate holds. */
export interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The certificate of a root, signed by itself. */
export function rootCertificate(name: Buffer, key: DevKey, period: Period): Buffer {
  const extensions = [keyUsage('certificates'), basicConstraints(undefined), subjectKeyId(key.spki)];
  return signCertificate(fieldsOf(name, name, key, period, extensions), signerOf(key));
}

/** The certificate of an authority below another, for leaves of one purpose alone. */
export function intermediateCertificate(
  issuer: Authority,
  name: Buffer,
  key: DevKey,
  purpose: string,
  period: Period,
): Buffer {
  const extensions = [
    keyUsage('certificates'),
    extendedKeyUsage(purpose),
    basicConstraints(0),
    subjectKeyId(key.spki),
    authorityKeyId(issuer.key.spki),
  ];
  return signCertificate(fieldsOf(issuer.name, name, key, period, extensions), signerOf(issuer.key));
}

function fieldsOf(
  issuer: Buffer,
  subject: Buffer,
  { spki }: DevKey,
  period: Period,
  extensions: readonly Buffer[],
): CertificateFields {
  return { serialNumber: makeSerialNumber(), issuer, subject, spki, extensions, ...period };
}
