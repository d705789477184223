import { SigningError } from '../error.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
import type { VerificationKey } from '../key/verification-key.ts';

/** How a signature is made: with which key, over which digest, and whether Ed25519 hashes beforehand. */
export interface SignatureScheme {
  readonly key: Pick<VerificationKey, 'type' | 'bits'>;
  readonly hash: HashAlgorithm;
  /** Of Ed25519: the pure form, which no log can verify that sees but a digest. Elsewhere without meaning. */
  readonly pure?: boolean;
}

const names: Readonly<Record<string, string>> = {
  'ecdsa-p256 sha256': 'PKIX_ECDSA_P256_SHA_256',
  'ecdsa-p384 sha384': 'PKIX_ECDSA_P384_SHA_384',
  'ecdsa-p521 sha512': 'PKIX_ECDSA_P521_SHA_512',
  // Deprecated, but what most clients made with these curves for years.
  'ecdsa-p384 sha256': 'PKIX_ECDSA_P384_SHA_256',
  'ecdsa-p521 sha256': 'PKIX_ECDSA_P521_SHA_256',
  'ed25519 sha512': 'PKIX_ED25519_PH',
  'rsa 2048 sha256': 'PKIX_RSA_PKCS1V15_2048_SHA256',
  'rsa 3072 sha256': 'PKIX_RSA_PKCS1V15_3072_SHA256',
  'rsa 4096 sha256': 'PKIX_RSA_PKCS1V15_4096_SHA256',
};

/**
 * What protobuf calls a key and its algorithm (`PublicKeyDetails` of sigstore_common.proto, the algorithm registry of
 * sigstore). Rekor v2 derives the digest from it.
 *
 * @throws SigningError KEY_INVALID for what the registry has no name for
 */
export function keyDetailsOf({ key: { type, bits }, hash, pure = false }: SignatureScheme): string {
  if (type === 'ed25519' && pure) return 'PKIX_ED25519';
  const name = names[`${type}${type === 'rsa' ? ` ${bits}` : ''} ${hash}`];
  if (name !== undefined) return name;
  const what = `${type}${type === 'rsa' ? ` of ${bits} bits` : ''} with ${hash}`;
  throw new SigningError('KEY_INVALID', `Sigstore has no name for ${what}; sign with another key or without a log`);
}
