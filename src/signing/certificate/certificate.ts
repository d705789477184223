import type { VerificationKey } from '../key/verification-key.ts';

/** An X.509 certificate, read as far as signing needs (RFC 5280). */
export interface Certificate {
  readonly der: Buffer;
  /** What its issuer signed. */
  readonly tbs: Buffer;
  readonly signature: Buffer;
  /** Object identifier of the signature's algorithm, the same inside and outside. */
  readonly signatureAlgorithm: string;
  /** Names in DER, compared byte by byte. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly serialNumber: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: VerificationKey;
  /** By object identifier, in order; none twice. */
  readonly extensions: ReadonlyMap<string, CertificateExtension>;
}

/** One extension: its value is the DER inside the OCTET STRING. */
export interface CertificateExtension {
  readonly critical: boolean;
  readonly value: Buffer;
}
