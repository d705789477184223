import { parsePem } from '../../codec/pem/pem.ts';
import { derSequence, derBitString, derOid, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { readPublicKey } from './read-public-key.ts';
import type { VerificationKey } from './verification-key.ts';

/** What else people give where a public key is wanted, and what to do about it. */
const otherLabels: Readonly<Record<string, string>> = {
  CERTIFICATE:
    'This is a certificate, not a public key: verify with the identity that it names, or take its key out with ' +
    '`openssl x509 -pubkey -noout`',
  'CERTIFICATE REQUEST': 'This is a certificate request, not a public key: give the PEM of the public key',
};

/**
 * Reads a public key as people keep it: PEM `PUBLIC KEY`, PEM `RSA PUBLIC KEY` (PKCS#1), or DER.
 *
 * @throws SigningError KEY_INVALID
 */
export function parsePublicKey(text: string | Uint8Array): VerificationKey {
  if (text.length > signingLimits.keyBytes) {
    throw new SigningError('KEY_INVALID', `A public key has at most ${signingLimits.keyBytes} bytes; this is longer`);
  }
  try {
    return read(text);
  } catch (cause) {
    if (!isSeaworthyError(cause) || cause instanceof SigningError) throw cause;
    throw new SigningError('KEY_INVALID', `${cause.message}; give a PEM file that begins with BEGIN PUBLIC KEY`, {
      cause,
    });
  }
}

function read(text: string | Uint8Array): VerificationKey {
  // DER of a key begins with a SEQUENCE of at least 42 octets; "0" (0x30) followed by text would be no PEM either.
  if (typeof text !== 'string' && text[0] === derTag.sequence) return readPublicKey(text);
  const pem = typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
  const [block, ...more] = parsePem(pem);
  if (block === undefined) {
    throw new SigningError('KEY_INVALID', 'This holds no key; give a PEM file that begins with BEGIN PUBLIC KEY');
  }
  if (more.length > 0) {
    throw new SigningError(
      'KEY_INVALID',
      'This holds more than one PEM block; give each public key as a file of its own',
    );
  }
  if (block.label === 'PUBLIC KEY') return readPublicKey(block.bytes);
  if (block.label === 'RSA PUBLIC KEY') return readPublicKey(wrapRsa(block.bytes));
  throw new SigningError('KEY_INVALID', otherLabels[block.label] ?? sayOther(block.label));
}

function sayOther(label: string): string {
  if (label.endsWith('PRIVATE KEY')) {
    return 'This is a private key where a public one belongs: give its public half, the .pub file beside it';
  }
  return `This is a PEM block "${label}", not a public key: give a PEM file that begins with BEGIN PUBLIC KEY`;
}

/** An RSAPublicKey (RFC 8017, A.1.1) in the SubjectPublicKeyInfo that stands for it. */
function wrapRsa(pkcs1: Buffer): Buffer {
  return derSequence(derSequence(derOid('1.2.840.113549.1.1.1'), derValue(derTag.null)), derBitString(pkcs1));
}
