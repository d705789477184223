import { createHash, hash } from 'node:crypto';
import { formatPem } from '../../codec/pem/pem.ts';
import type { JsonObject } from '../../oci/json.ts';
import type { EnvelopeContent, MessageContent } from '../entity.ts';
import type { Digest, LoggedVerifier } from './body/body.ts';
import { formatEnvelope } from './envelope-digest.ts';

/** Proposes `hashedrekord` 0.0.1 for a signature over bytes of this digest. */
export function proposeHashedRekord(
  { signature }: MessageContent | EnvelopeContent,
  { algorithm, value }: Digest,
  verifier: LoggedVerifier,
): JsonObject {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm, value: value.toString('hex') } },
      signature: { content: signature.toString('base64'), publicKey: { content: encodeVerifier(verifier) } },
    },
  };
}

/** Proposes `dsse` 0.0.1 for an envelope. */
export function proposeDsse(envelope: EnvelopeContent, verifier: LoggedVerifier): JsonObject {
  const proposedContent = { envelope: formatEnvelope(envelope), verifiers: [encodeVerifier(verifier)] };
  return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent } };
}

/** Proposes `intoto` 0.0.2 for an envelope; the log wants payload and signature in base64 twice. */
export function proposeIntoto(envelope: EnvelopeContent, verifier: LoggedVerifier): JsonObject {
  const { payloadType, payload, signature, keyId = '' } = envelope;
  const one = {
    ...(keyId === '' ? {} : { keyid: keyId }),
    publicKey: encodeVerifier(verifier),
    sig: encodeText(signature.toString('base64')),
  };
  return {
    apiVersion: '0.0.2',
    kind: 'intoto',
    spec: {
      content: {
        envelope: { payload: encodeText(payload.toString('base64')), payloadType, signatures: [one] },
        hash: { algorithm: 'sha256', value: hash('sha256', formatEnvelope(envelope)) },
        payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') },
      },
    },
  };
}

function encodeVerifier(verifier: LoggedVerifier): string {
  return encodeText(
    verifier.kind === 'certificate'
      ? formatPem({ label: 'CERTIFICATE', bytes: verifier.der })
      : formatPem({ label: 'PUBLIC KEY', bytes: verifier.spki }),
  );
}

function encodeText(text: string): string {
  return Buffer.from(text).toString('base64');
}
