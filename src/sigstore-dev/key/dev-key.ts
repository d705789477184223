import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type HashAlgorithm, type KeyType, defaultHash } from '../../signing/key/key-type.ts';
import { keyTypeOf } from './key-type-of.ts';

/** A key of a development service, both halves. */
export interface DevKey {
  readonly type: KeyType;
  /** The digest that it signs over; Ed25519 takes none. */
  readonly hash: HashAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Buffer;
}

/** Makes a key that never was before. */
export function makeDevKey(type: KeyType): DevKey {
  return devKeyOf(generate(type));
}

/** Both halves of a private key. */
export function devKeyOf(privateKey: KeyObject): DevKey {
  const publicKey = createPublicKey(privateKey);
  const type = keyTypeOf(publicKey);
  if (type === undefined) throw new TypeError('No service signs with a key of this kind');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return { type, hash: defaultHash[type], privateKey, publicKey, spki };
}

/** Signs a message; ECDSA in DER, RSA as PKCS#1 v1.5, Ed25519 in its pure form. */
export function signWith(key: DevKey, message: Uint8Array, hash: HashAlgorithm = key.hash): Buffer {
  return sign(key.type === 'ed25519' ? null : hash, message, key.privateKey);
}

function generate(type: KeyType): KeyObject {
  if (type === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  if (type === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  return generateKeyPairSync('ec', { namedCurve: `P-${type.slice('ecdsa-p'.length)}` }).privateKey;
}
