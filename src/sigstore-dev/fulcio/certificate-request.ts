import { readBitString } from '../../codec/der/primitives.ts';
import { expectTag, readDer, readSequence } from '../../codec/der/read.ts';
import { derTag } from '../../codec/der/tag.ts';
import { CodecError } from '../../codec/error.ts';
import { parsePem } from '../../codec/pem/pem.ts';
import { RefusedError } from '../error.ts';
import { signedMessage } from '../key/check-signature.ts';
import { readPublicKey, type SubmittedKey } from '../key/submitted-key.ts';

/**
 * The key of a certification request (RFC 2986) whose holder signed it; names and attributes in it count for nothing.
 *
 * @throws RefusedError
 */
export function parseCertificateRequest(pem: string): SubmittedKey {
  let parts: { readonly signed: Buffer; readonly spki: Buffer; readonly signature: Buffer };
  try {
    parts = readParts(pem);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new RefusedError('REQUEST_INVALID', 'The certificate signing request cannot be read', { cause });
  }
  const key = readPublicKey(parts.spki);
  if (signedMessage(key, parts.signed, parts.signature)) return key;
  throw new RefusedError('REQUEST_INVALID', 'The certificate signing request is not signed by its own key');
}

function readParts(pem: string): { signed: Buffer; spki: Buffer; signature: Buffer } {
  const [block, ...more] = parsePem(pem);
  if (block?.label !== 'CERTIFICATE REQUEST' || more.length > 0) {
    throw new CodecError('MALFORMED', 'The text is not one certificate request');
  }
  const [info, , signature] = readSequence(readDer(block.bytes));
  const [, , spki] = readSequence(info);
  const key = expectTag(spki, derTag.sequence);
  return { signed: expectTag(info, derTag.sequence).raw, spki: key.raw, signature: readBitString(signature) };
}
