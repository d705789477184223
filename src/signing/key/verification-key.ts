import type { KeyObject } from 'node:crypto';
import type { HashAlgorithm, KeyType } from './key-type.ts';

/** A public key that may verify signatures: read once, used often. */
export interface VerificationKey {
  readonly type: KeyType;
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo in DER: what keys are compared by. */
  readonly spki: Buffer;
  /** Bits of the modulus or curve. */
  readonly bits: number;
  /** How the service that holds the private half signs, where that is not what the type of key has; any may hold. */
  readonly schemes?: readonly SignatureScheme[];
}

/** One way in which a key signs. */
export interface SignatureScheme {
  readonly hash?: HashAlgorithm;
  /** Of RSA signatures. */
  readonly padding?: 'pkcs1' | 'pss';
}
