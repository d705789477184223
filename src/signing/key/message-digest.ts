import type { HashAlgorithm } from './key-type.ts';

/** A message of which only the digest is at hand. */
export interface MessageDigest {
  readonly algorithm: HashAlgorithm;
  readonly value: Uint8Array;
}

/** Lengths of digests in bytes. */
export const digestBytes: Readonly<Record<HashAlgorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 };
