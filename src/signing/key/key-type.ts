/** The kinds of keys that sign, and with each the digest that cosign and Rekor take for it. */
export type KeyType = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'ed25519' | 'rsa';

/** A digest that signatures are made over. */
export type HashAlgorithm = 'sha256' | 'sha384' | 'sha512';

/** One that is taken only where the user names it: SHA-224 is weaker than what anybody here signs with (Kyverno, `signatureAlgorithm`). */
export type NamedHash = HashAlgorithm | 'sha224';

/** The digest that goes with a key where nobody names another (algorithm registry of sigstore/protobuf-specs). */
export const defaultHash: Readonly<Record<KeyType, HashAlgorithm>> = {
  'ecdsa-p256': 'sha256',
  'ecdsa-p384': 'sha384',
  'ecdsa-p521': 'sha512',
  // The pure form hashes by itself; cosign's prehashed form (Ed25519ph) takes SHA-512.
  ed25519: 'sha512',
  rsa: 'sha256',
};
