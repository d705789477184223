import type { KeyObject } from 'node:crypto';
import type { KeyType } from '../../signing/key/key-type.ts';

const curves: Readonly<Record<string, KeyType>> = {
  prime256v1: 'ecdsa-p256',
  secp384r1: 'ecdsa-p384',
  secp521r1: 'ecdsa-p521',
};

/** The kind of a key; undefined for kinds that nothing here signs with. */
export function keyTypeOf(key: KeyObject): KeyType | undefined {
  if (key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'rsa') return key.asymmetricKeyType;
  return key.asymmetricKeyType === 'ec' ? curves[key.asymmetricKeyDetails?.namedCurve ?? ''] : undefined;
}
