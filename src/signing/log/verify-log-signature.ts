import { verify } from 'node:crypto';
import type { KeyType } from '../key/key-type.ts';
import type { VerificationKey } from '../key/verification-key.ts';

/** The digest that logs sign with each kind of key; the digest of RSA is SHA-256 whatever its size. */
const digests: Readonly<Record<KeyType, string | undefined>> = {
  'ecdsa-p256': 'sha256',
  'ecdsa-p384': 'sha384',
  'ecdsa-p521': 'sha512',
  ed25519: undefined,
  rsa: 'sha256',
};

/**
 * Whether a log's key made a signature: ECDSA in ASN.1 DER, Ed25519 in its pure form, RSA as PKCS #1 v1.5. A signature
 * that cannot be read is a wrong one.
 */
export function verifyLogSignature({ type, key }: VerificationKey, data: Uint8Array, signature: Uint8Array): boolean {
  return verify(digests[type], data, key, signature);
}
