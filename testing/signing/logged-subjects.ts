import { createHash } from 'node:crypto';
import type { EnvelopeContent, MessageContent } from '../../src/signing/entity.ts';
import type { HashAlgorithm } from '../../src/signing/key/key-type.ts';
import { makeCertificate } from '../registry/certificate.ts';
import { makeLogKey } from './log-key.ts';
import { dsse1, dsse2, hashedRekord1, hashedRekord2, intoto1, intoto2, rekord1, type Verifier } from './log-bodies.ts';

const key = makeLogKey('ecdsa-p256');

/** Bytes that somebody signed. */
const artifact = Buffer.from('an artifact');

/** A signature over them. */
export const message: MessageContent = { kind: 'message', signature: key.sign(artifact) };

/** An envelope with a signature over it. */
export const envelope: EnvelopeContent = signEnvelope(Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}'));

/** The key that signed both. */
export const publicKey: Verifier = { kind: 'public-key', spki: key.key.spki };

/** A certificate; for a log it is bytes that must be the same. */
export const certificate: Verifier = newCertificate();

/** The artifact's digest. */
export function artifactDigest(algorithm: HashAlgorithm): Buffer {
  return createHash(algorithm).update(artifact).digest();
}

/** What the signature of an envelope is over, written out. */
export function paeOf(payloadType: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Another envelope by the same key. */
export function signEnvelope(payload: Buffer, payloadType = 'application/vnd.in-toto+json'): EnvelopeContent {
  return { kind: 'envelope', payloadType, payload, signature: key.sign(paeOf(payloadType, payload)) };
}

/** Another certificate. */
export function newCertificate(): Verifier {
  const pem = makeCertificate('signer.example').cert;
  return { kind: 'certificate', der: Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64') };
}

/** A canonical entry of each kind, of the artifact or of the envelope, by either verifier. */
export const messageBodies: Readonly<Record<string, (verifier: Verifier) => Buffer>> = {
  'hashedrekord 0.0.1': (verifier) =>
    hashedRekord1({ digest: artifactDigest('sha256'), signature: message.signature, verifier }),
  'hashedrekord 0.0.1 sha384': (verifier) =>
    hashedRekord1({ digest: artifactDigest('sha384'), algorithm: 'sha384', signature: message.signature, verifier }),
  'hashedrekord 0.0.2': (verifier) =>
    hashedRekord2({ digest: artifactDigest('sha256'), signature: message.signature, verifier }),
  'hashedrekord 0.0.2 sha512': (verifier) =>
    hashedRekord2({ digest: artifactDigest('sha512'), algorithm: 'sha512', signature: message.signature, verifier }),
  'rekord 0.0.1': (verifier) => rekord1({ digest: artifactDigest('sha256'), signature: message.signature, verifier }),
};

/** As {@link messageBodies}. */
export const envelopeBodies: Readonly<Record<string, (verifier: Verifier) => Buffer>> = {
  'dsse 0.0.1': (verifier) => dsse1({ envelope, verifier }),
  'dsse 0.0.2': (verifier) => dsse2({ envelope, verifier }),
  'intoto 0.0.1': (verifier) => intoto1({ envelope, verifier }),
  'intoto 0.0.2': (verifier) => intoto2({ envelope, verifier }),
  'hashedrekord 0.0.2 over the envelope': (verifier) =>
    hashedRekord2({ digest: paeDigest('sha256'), signature: envelope.signature, verifier }),
  'hashedrekord 0.0.2 over the envelope sha384': (verifier) =>
    hashedRekord2({ digest: paeDigest('sha384'), algorithm: 'sha384', signature: envelope.signature, verifier }),
  'hashedrekord 0.0.1 over the envelope': (verifier) =>
    hashedRekord1({ digest: paeDigest('sha256'), signature: envelope.signature, verifier }),
};

function paeDigest(algorithm: HashAlgorithm): Buffer {
  return createHash(algorithm).update(paeOf(envelope.payloadType, envelope.payload)).digest();
}
