import { createHash } from 'node:crypto';
import type { EnvelopeContent } from '../entity.ts';
import type { HashAlgorithm } from '../key/key-type.ts';

type Payload = Pick<EnvelopeContent, 'payloadType' | 'payload'>;

/** The digest of what an envelope's signature is over: `DSSEv1`, then type and payload, each after its length in bytes. */
export function paeDigest(algorithm: HashAlgorithm, { payloadType, payload }: Payload): Buffer {
  const typeBytes = Buffer.byteLength(payloadType);
  return createHash(algorithm).update(`DSSEv1 ${typeBytes} ${payloadType} ${payload.length} `).update(payload).digest();
}

/** The JSON of an envelope as cosign and this program send and store it. */
export function formatEnvelope({ payloadType, payload, signature, keyId }: EnvelopeContent): string {
  return JSON.stringify({
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyId ?? '', sig: signature.toString('base64') }],
  });
}

/** The texts that programs make of one envelope; which of them a log hashed cannot be told from the envelope. */
export function envelopeTexts(envelope: EnvelopeContent): string[] {
  const { payloadType, payload, signature, keyId } = envelope;
  const encoded = payload.toString('base64');
  const bare = { sig: signature.toString('base64'), ...(keyId === undefined || keyId === '' ? {} : { keyid: keyId }) };
  return [
    formatEnvelope(envelope),
    JSON.stringify({ payload: encoded, payloadType, signatures: [bare] }),
    JSON.stringify({ payloadType, payload: encoded, signatures: [bare] }),
  ];
}
