import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { KeyType } from '../../src/signing/key/key-type.ts';
import type { VerificationKey } from '../../src/signing/key/verification-key.ts';

/** A key pair that signs as logs do: ECDSA in DER with the curve's digest, Ed25519 pure, RSA as PKCS #1 v1.5. */
export interface LogKey {
  readonly key: VerificationKey;
  readonly sign: (data: Uint8Array) => Buffer;
}

const curves: Partial<Record<KeyType, readonly [curve: string, digest: string, bits: number]>> = {
  'ecdsa-p256': ['P-256', 'sha256', 256],
  'ecdsa-p384': ['P-384', 'sha384', 384],
  'ecdsa-p521': ['P-521', 'sha512', 521],
};

/** Makes a fresh key pair; RSA has 2048 bits. */
export function makeLogKey(type: KeyType = 'ecdsa-p256'): LogKey {
  const curve = curves[type];
  if (curve !== undefined) {
    return keyOf(type, generateKeyPairSync('ec', { namedCurve: curve[0] }), curve[2], curve[1]);
  }
  if (type === 'ed25519') return keyOf(type, generateKeyPairSync('ed25519'), 256, undefined);
  return keyOf(type, generateKeyPairSync('rsa', { modulusLength: 2048 }), 2048, 'sha256');
}

function keyOf(
  type: KeyType,
  { publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  bits: number,
  digest: string | undefined,
): LogKey {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return { key: { type, key: publicKey, spki, bits }, sign: (data) => sign(digest, data, privateKey) };
}
