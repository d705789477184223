import { constants, createHash, publicDecrypt, verify } from 'node:crypto';
import { eddsa } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { readBitString } from '../../codec/der/primitives.ts';
import { readDer, readSequence } from '../../codec/der/read.ts';
import { derTag } from '../../codec/der/tag.ts';
import { derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { type HashAlgorithm, defaultHash } from '../../signing/key/key-type.ts';
import { digestOids } from '../x509/algorithm.ts';
import type { SubmittedKey } from './submitted-key.ts';

/** Whether a key signed a message; with ECDSA and RSA over the key's own digest, or over SHA-256 as older clients do. */
export function signedMessage({ type, key }: SubmittedKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (type === 'ed25519') return verify(null, message, key, signature);
  const hashes = new Set<HashAlgorithm>([defaultHash[type], 'sha256']);
  return [...hashes].some((hash) => verify(hash, message, key, signature));
}

/** Whether a key signed a message of which only the digest is known: what Node's own functions cannot tell. */
export function signedDigest(
  { type, key, spki }: SubmittedKey,
  hash: HashAlgorithm,
  digest: Buffer,
  signature: Buffer,
): boolean {
  if (digest.length !== createHash(hash).digest().length) return false;
  try {
    if (type === 'rsa') {
      const decrypted = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
      return decrypted.equals(digestInfo(hash, digest));
    }
    const point = readBitString(readSequence(readDer(spki))[1]);
    if (type === 'ed25519') return hash === 'sha512' && prehashed.verify(signature, digest, point);
    return curves[type].verify(signature, digest, point, { prehash: false, lowS: false, format: 'der' });
  } catch {
    // What cannot even be read as a signature is none.
    return false;
  }
}

const curves = { 'ecdsa-p256': p256, 'ecdsa-p384': p384, 'ecdsa-p521': p521 } as const;

/** Ed25519ph (RFC 8032, 5.1) of a digest that was made already: noble's own makes it of the message. */
const prehashed = eddsa(ed25519.Point, sha512, {
  domain: (data: Uint8Array) =>
    Buffer.concat([Buffer.from('SigEd25519 no Ed25519 collisions\u0001\0', 'latin1'), data]),
  zip215: false,
});

function sha512(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha512').update(message).digest());
}

/** RFC 8017, 9.2. */
function digestInfo(hash: HashAlgorithm, digest: Buffer): Buffer {
  const algorithm = derSequence(derOid(digestOids[hash]), derValue(derTag.null));
  return derSequence(algorithm, derValue(derTag.octetString, digest));
}
