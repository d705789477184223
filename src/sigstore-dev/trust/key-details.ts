import type { DevKey } from '../key/dev-key.ts';

const names: Readonly<Record<DevKey['type'], string>> = {
  'ecdsa-p256': 'PKIX_ECDSA_P256_SHA_256',
  'ecdsa-p384': 'PKIX_ECDSA_P384_SHA_384',
  'ecdsa-p521': 'PKIX_ECDSA_P521_SHA_512',
  ed25519: 'PKIX_ED25519',
  rsa: 'PKIX_RSA_PKCS1V15_2048_SHA256',
};

/** What `PublicKeyDetails` calls the keys of the services (sigstore_common.proto). */
export function keyDetailsOf({ type }: DevKey): string {
  return names[type];
}
