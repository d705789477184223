import { randomBytes } from 'node:crypto';
import { derBitString, derContext, derInteger, derSequence, derTime } from '../../codec/der/write.ts';
import { type DevKey, signWith } from '../key/dev-key.ts';
import { signatureAlgorithm } from './algorithm.ts';

/** What a certificate says. Names, key and extensions are DER. */
export interface CertificateFields {
  readonly serialNumber: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly spki: Buffer;
  readonly extensions: readonly Buffer[];
}

/** A TBSCertificate: what issuers sign, and what logs see of a certificate before it is there (RFC 5280, 4.1). */
export function encodeTbs(fields: CertificateFields, issuerKey: DevKey): Buffer {
  return derSequence(
    derContext(0, derInteger(2)),
    derInteger(fields.serialNumber),
    signatureAlgorithm(issuerKey),
    fields.issuer,
    derSequence(derTime(fields.notBefore), derTime(fields.notAfter)),
    fields.subject,
    fields.spki,
    derContext(3, derSequence(...fields.extensions)),
  );
}

/** Signs a certificate; `signingKey` differs from the issuer's only to make a wrong one. */
export function signCertificate(fields: CertificateFields, issuerKey: DevKey, signingKey: DevKey = issuerKey): Buffer {
  const tbs = encodeTbs(fields, issuerKey);
  return derSequence(tbs, signatureAlgorithm(issuerKey), derBitString(signWith(signingKey, tbs)));
}

/** A serial number that nobody can foresee, positive and of at most 20 octets (RFC 5280, 4.1.2.2). */
export function makeSerialNumber(): Buffer {
  const serial = randomBytes(19);
  serial[0] = (serial[0] as number) | 1;
  return serial;
}
