import { createHash } from 'node:crypto';
import {
  derContext,
  derGeneralizedTime,
  derInteger,
  derOid,
  derSequence,
  derSet,
  derTime,
  derValue,
} from '../../src/codec/der/write.ts';
import { derTag } from '../../src/codec/der/tag.ts';
import {
  type CertificateParts,
  extension,
  generalName,
  hashAlgorithm,
  type MadeCertificate,
  makeCertificate,
  purposes,
  signatureFor,
  signWith,
  type TestSignature,
  testTime,
} from './certificate-maker.ts';

const timestampInfo = '1.2.840.113549.1.9.16.1.4';

/** A timestamp authority's certificate. Valid for six years around the test time. */
export function makeTimestampSigner(issuer: MadeCertificate, parts: CertificateParts = {}): MadeCertificate {
  return makeCertificate({
    subject: 'timestamps',
    issuer,
    notBefore: new Date('2023-01-01T00:00:00Z'),
    notAfter: new Date('2029-01-01T00:00:00Z'),
    extensions: [extension.keyUsage(0), extension.purposes([purposes.timeStamping], true)],
    ...parts,
  });
}

/** What a timestamp is made of; all but the signer and the message has a default, and each part can be spoilt. */
export interface TimestampParts {
  readonly signer: MadeCertificate;
  readonly message: Uint8Array;
  readonly time?: Date;
  /** GeneralizedTime as it stands, where the time cannot say it. */
  readonly timeText?: string;
  readonly version?: number;
  readonly imprintHash?: 'sha256' | 'sha384' | 'sha512';
  /** AlgorithmIdentifier and digest, whatever they are. */
  readonly imprint?: Buffer;
  /** Values between the time and the end of the TSTInfo: accuracy, ordering, nonce, name, extensions. */
  readonly more?: readonly Buffer[];
  readonly contentType?: string;
  /** The type as the signed attribute has it. */
  readonly signedContentType?: string;
  readonly digest?: 'sha256' | 'sha384' | 'sha512';
  readonly contentDigest?: Buffer;
  readonly signature?: TestSignature;
  /** The algorithm as the signer states it. */
  readonly algorithm?: Buffer;
  /** Certificates that come along. */
  readonly certificates?: readonly Buffer[];
  /** By which attribute the certificate is named; a buffer is one of another certificate. */
  readonly signingCertificate?: 'v1' | 'v2' | 'none' | Buffer;
  readonly signerId?: 'issuer-and-serial' | Buffer;
  readonly editAttributes?: (attributes: Buffer[]) => Buffer[];
  readonly editSigners?: (signer: Buffer) => Buffer[];
  /** Changes the fields of the SignerInfo, of the SignedData, of what wraps the content, and of the answer. */
  readonly editSigner?: (fields: Buffer[]) => Buffer[];
  readonly editSignedData?: (fields: Buffer[]) => Buffer[];
  readonly editContent?: (fields: Buffer[]) => Buffer[];
  readonly editAnswer?: (fields: Buffer[]) => Buffer[];
  /** Turns the signature into another. */
  readonly spoil?: (signature: Buffer) => Buffer;
  readonly status?: number;
  /** Without the answer around it. */
  readonly isBare?: boolean;
}

/** Makes an authority's answer (RFC 3161, 2.4.2), right or wrong. */
export function makeTimestamp(parts: TimestampParts): Buffer {
  const { signer, digest = 'sha256', contentType = timestampInfo, certificates } = parts;
  const info = makeInfo(parts);
  const version = Buffer.isBuffer(parts.signerId) ? 3 : 1;
  const attributes = makeAttributes(parts, info, digest);
  const signature = parts.signature ?? signatureFor(signer.keys, digest);
  const signed = signWith(signer.keys, signature, derSet(...attributes));
  const signerFields = [
    derInteger(version),
    Buffer.isBuffer(parts.signerId) ? parts.signerId : issuerAndSerial(signer),
    hashAlgorithm(digest),
    derValue(0xa0, ...attributes.toSorted((a, b) => Buffer.compare(a, b))),
    parts.algorithm ?? signature.algorithm,
    derValue(derTag.octetString, parts.spoil?.(signed) ?? signed),
  ];
  const signerInfo = derSequence(...(parts.editSigner?.(signerFields) ?? signerFields));
  const content = [derOid(contentType), derContext(0, derValue(derTag.octetString, info))];
  const fields = [
    derInteger(3),
    derSet(hashAlgorithm(digest)),
    derSequence(...(parts.editContent?.(content) ?? content)),
    ...(certificates === undefined ? [] : [derValue(0xa0, ...certificates)]),
    derSet(...(parts.editSigners?.(signerInfo) ?? [signerInfo])),
  ];
  const signedData = derSequence(...(parts.editSignedData?.(fields) ?? fields));
  const token = derSequence(derOid('1.2.840.113549.1.7.2'), derContext(0, signedData));
  if (parts.isBare === true) return token;
  const answer = [derSequence(derInteger(parts.status ?? 0)), token];
  return derSequence(...(parts.editAnswer?.(answer) ?? answer));
}

function makeInfo(parts: TimestampParts): Buffer {
  const { message, imprintHash = 'sha256', time = testTime, timeText } = parts;
  const digest = createHash(imprintHash).update(message).digest();
  return derSequence(
    derInteger(parts.version ?? 1),
    derOid('1.3.6.1.4.1.57264.2'),
    parts.imprint ?? derSequence(hashAlgorithm(imprintHash), derValue(derTag.octetString, digest)),
    derInteger(4711),
    timeText === undefined ? derGeneralizedTime(time) : derValue(derTag.generalizedTime, Buffer.from(timeText)),
    ...(parts.more ?? []),
  );
}

function makeAttributes(parts: TimestampParts, info: Buffer, digest: string): Buffer[] {
  const { signer, signingCertificate = 'v2', signedContentType = timestampInfo } = parts;
  const contentDigest = parts.contentDigest ?? createHash(digest).update(info).digest();
  const attributes = [
    makeAttribute('1.2.840.113549.1.9.3', derOid(signedContentType)),
    makeAttribute('1.2.840.113549.1.9.5', derTime(testTime)),
    makeAttribute('1.2.840.113549.1.9.4', derValue(derTag.octetString, contentDigest)),
  ];
  if (Buffer.isBuffer(signingCertificate)) attributes.push(signingCertificate);
  else if (signingCertificate !== 'none') attributes.push(makeSigningCertificate(signer, signingCertificate));
  return parts.editAttributes?.(attributes) ?? attributes;
}

/** One signed attribute. */
export function makeAttribute(oid: string, ...values: readonly Buffer[]): Buffer {
  return derSequence(derOid(oid), derSet(...values));
}

/** The attribute that names the signer's certificate; `hash` is for the newer one, which may leave SHA-256 out. */
export function makeSigningCertificate(signer: MadeCertificate, version: 'v1' | 'v2', hash?: string): Buffer {
  const named = createHash(version === 'v1' ? 'sha1' : (hash ?? 'sha256'))
    .update(signer.der)
    .digest();
  const { issuer, serialNumber } = signer.parsed;
  const id = derSequence(
    ...(hash === undefined ? [] : [hashAlgorithm(hash)]),
    derValue(derTag.octetString, named),
    derSequence(derSequence(generalName.directory(issuer)), derInteger(serialNumber)),
  );
  return makeAttribute(`1.2.840.113549.1.9.16.2.${version === 'v1' ? 12 : 47}`, derSequence(derSequence(id)));
}

function issuerAndSerial({ parsed: { issuer, serialNumber } }: MadeCertificate): Buffer {
  return derSequence(issuer, derInteger(serialNumber));
}
