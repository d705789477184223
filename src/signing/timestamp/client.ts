import { createHash, randomBytes } from 'node:crypto';
import { derTag } from '../../codec/der/tag.ts';
import { derBoolean, derInteger, derOid, derSequence, derValue } from '../../codec/der/write.ts';
import type { Network } from '../../net/network.ts';
import { askService, protocolError } from '../service.ts';

/** An RFC 3161 timestamp of a message. */
export type Stamp = (message: Uint8Array, signal?: AbortSignal) => Promise<Buffer>;

const sha256Oid = '2.16.840.1.101.3.4.2.1';

/** Bytes of a nonce: enough that no answer to another request fits (RFC 3161, 2.4.1). */
const nonceBytes = 8;

/**
 * Asks a timestamp authority to stamp messages: a `TimeStampReq` over their SHA-256, with a nonce and the wish for the
 * authority's certificate in the answer (RFC 3161, 2.4.1 and 3.4).
 *
 * @param url the whole address, as signing configs have it
 */
export function timestampClient(network: Network, url: string): Stamp {
  const name = 'the timestamp authority';
  return async (message, signal) => {
    const nonce = randomBytes(nonceBytes);
    const answer = await askService(
      network,
      {
        name,
        method: 'POST',
        url,
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        body: encodeRequest(message, nonce),
        // Stamping twice does no harm.
        idempotent: true,
      },
      signal,
    );
    if (!answer.body.includes(derInteger(nonce))) throw protocolError(name, 'its answer is to another question');
    return answer.body;
  };
}

function encodeRequest(message: Uint8Array, nonce: Buffer): Buffer {
  const digest = createHash('sha256').update(message).digest();
  const algorithm = derSequence(derOid(sha256Oid), derValue(derTag.null));
  const imprint = derSequence(algorithm, derValue(derTag.octetString, digest));
  return derSequence(derInteger(1), imprint, derInteger(nonce), derBoolean(true));
}
