import { randomBytes } from 'node:crypto';
import { derBitString, derContext, derInteger, derSequence, derTime } from '../der/write.ts';

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

/** How an issuer signs. */
export interface CertificateSigner {
  /** The AlgorithmIdentifier, in DER. */
  readonly algorithm: Buffer;
  readonly sign: (tbs: Buffer) => Buffer;
}

/** A TBSCertificate: what issuers sign, and what logs see of a certificate before it is there (RFC 5280, 4.1). */
export function encodeTbs(fields: CertificateFields, algorithm: Buffer): Buffer {
  return derSequence(
    derContext(0, derInteger(2)),
    derInteger(fields.serialNumber),
    algorithm,
    fields.issuer,
    derSequence(derTime(fields.notBefore), derTime(fields.notAfter)),
    fields.subject,
    fields.spki,
    derContext(3, derSequence(...fields.extensions)),
  );
}

/** Makes a certificate in DER. */
export function signCertificate(fields: CertificateFields, { algorithm, sign }: CertificateSigner): Buffer {
  const tbs = encodeTbs(fields, algorithm);
  return derSequence(tbs, algorithm, derBitString(sign(tbs)));
}

/** A serial number that nobody can foresee, positive and of at most 20 octets (RFC 5280, 4.1.2.2). */
export function makeSerialNumber(): Buffer {
  const serial = randomBytes(19);
  serial[0] = (serial[0] as number) | 1;
  return serial;
}
