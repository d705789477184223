import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { RegistryAuthError } from '../error.ts';
import { type JwtAlgorithm, keyFits } from '../jwt/algorithm.ts';
import { jwkThumbprint } from '../jwt/certificate-keys.ts';
import { fixedKeys, type KeySource } from '../jwt/key-source.ts';

/** The keys of the token service. */
export interface TokenKeys {
  readonly signing: KeyObject;
  readonly id: string;
  readonly algorithm: JwtAlgorithm;
  /** The public halves of the key that signs, and of those that signed before. */
  readonly verifying: KeySource;
}

/** Makes a private key for tokens. */
export function makeTokenKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/**
 * Prepares private keys, on P-256 or Ed25519, for the token service.
 *
 * @param previous keys that signed before: the tokens that they signed are taken until these end
 * @throws RegistryAuthError AUTH_SETTING_INVALID
 */
export function prepareTokenKeys(current: KeyObject, previous: readonly KeyObject[] = []): TokenKeys {
  const keys = [current, ...previous].map((key) => {
    const publicKey = key.type === 'private' ? createPublicKey(key) : key;
    const algorithm = (['ES256', 'EdDSA'] as const).find((one) => keyFits(publicKey, one));
    if (key.type !== 'private' || algorithm === undefined) {
      throw new RegistryAuthError(
        'AUTH_SETTING_INVALID',
        'A key for tokens is to be a private key on P-256 or Ed25519; make another one',
      );
    }
    return { key: publicKey, ids: [jwkThumbprint(publicKey)] as const, algorithm };
  });
  const [first] = keys;
  if (first === undefined) throw new TypeError('There is always a current key');
  return { signing: current, id: first.ids[0], algorithm: first.algorithm, verifying: fixedKeys(keys) };
}
