import { createHash } from 'node:crypto';
import { readDer, readSequence } from '../../codec/der/read.ts';
import { derTag } from '../../codec/der/tag.ts';
import {
  derContext,
  derGeneralizedTime,
  derInteger,
  derOid,
  derSequence,
  derSet,
  derTime,
  derValue,
} from '../../codec/der/write.ts';
import type { HashAlgorithm } from '../../signing/key/key-type.ts';
import { type DevKey, signWith } from '../key/dev-key.ts';
import { digestOids, signatureAlgorithm } from '../x509/algorithm.ts';
import type { Authority } from '../x509/authority.ts';
import type { TimestampRequest } from './timestamp-request.ts';

const oids = {
  signedData: '1.2.840.113549.1.7.2',
  timestampInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  /** Sigstore's policy. */
  policy: '1.3.6.1.4.1.57264.2',
} as const;

/** What Sigstore's authority digests with, whatever its key. */
const signingHash: HashAlgorithm = 'sha256';

/** A `TimeStampResp` that grants what was asked (RFC 3161, 2.4.2). */
export function encodeResponse(
  request: TimestampRequest,
  signer: Authority,
  time: Date,
  serialNumber: Buffer,
  signingKey: DevKey = signer.key,
): Buffer {
  const info = encodeInfo(request, time, serialNumber);
  const token = encodeToken(info, signer, time, request.wantsCertificates, signingKey);
  return derSequence(derSequence(derInteger(0)), token);
}

/** A `TimeStampResp` that says no: `rejection`, `badRequest`. */
export function encodeRejection(): Buffer {
  const badRequest = derValue(derTag.bitString, Buffer.from([5, 0x20]));
  return derSequence(derSequence(derInteger(2), badRequest));
}

function encodeInfo({ algorithm, digest, nonce }: TimestampRequest, time: Date, serialNumber: Buffer): Buffer {
  return derSequence(
    derInteger(1),
    derOid(oids.policy),
    derSequence(algorithm, derValue(derTag.octetString, digest)),
    derInteger(serialNumber),
    derGeneralizedTime(time),
    // Accuracy: a second.
    derSequence(derInteger(1)),
    ...(nonce === undefined ? [] : [nonce]),
  );
}

/** A CMS SignedData with one signer (RFC 5652, 5; RFC 5816 for the hash of the certificate). */
function encodeToken(
  info: Buffer,
  signer: Authority,
  time: Date,
  withCertificate: boolean,
  signingKey: DevKey,
): Buffer {
  const [certificate] = signer.chain as readonly [Buffer, ...Buffer[]];
  const { issuer, serialNumber } = issuerAndSerial(certificate);
  const attributes = [
    attribute(oids.contentType, derOid(oids.timestampInfo)),
    attribute(oids.signingTime, derTime(time)),
    attribute(oids.messageDigest, octets(digestOf(info))),
    // SHA-256 is the default of ESSCertIDv2 and left out.
    attribute(oids.signingCertificateV2, derSequence(derSequence(derSequence(octets(digestOf(certificate)))))),
  ];
  const signed = derSet(...attributes);
  const signerInfo = derSequence(
    derInteger(1),
    derSequence(issuer, serialNumber),
    digestAlgorithm(signingHash),
    // The attributes are signed as a SET and sent as [0] (RFC 5652, 5.4).
    derContext(0, readDer(signed).content),
    signatureAlgorithm(signer.key, signingHash),
    octets(signWith(signingKey, signed, signingHash)),
  );
  const signedData = derSequence(
    derInteger(3),
    derSet(digestAlgorithm(signingHash)),
    derSequence(derOid(oids.timestampInfo), derContext(0, octets(info))),
    ...(withCertificate ? [derContext(0, certificate)] : []),
    derSet(signerInfo),
  );
  return derSequence(derOid(oids.signedData), derContext(0, signedData));
}

/** The issuer's name and the serial number of a certificate, as they stand in it. */
function issuerAndSerial(certificate: Buffer): { readonly issuer: Buffer; readonly serialNumber: Buffer } {
  const [, serial, , issuer] = readSequence(readSequence(readDer(certificate))[0]);
  if (serial === undefined || issuer === undefined) throw new TypeError('The certificate has no issuer');
  return { issuer: issuer.raw, serialNumber: serial.raw };
}

function attribute(oid: string, value: Buffer): Buffer {
  return derSequence(derOid(oid), derSet(value));
}

function octets(bytes: Uint8Array): Buffer {
  return derValue(derTag.octetString, bytes);
}

function digestAlgorithm(hash: HashAlgorithm): Buffer {
  return derSequence(derOid(digestOids[hash]));
}

function digestOf(bytes: Buffer): Buffer {
  return createHash(signingHash).update(bytes).digest();
}
