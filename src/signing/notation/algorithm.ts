import { constants, verify } from 'node:crypto';
import type { HashAlgorithm, KeyType } from '../key/key-type.ts';
import type { VerificationKey } from '../key/verification-key.ts';

/** A way to sign that Notary Project allows. */
export interface NotationAlgorithm {
  /** In JWS (RFC 7518, 3.1). */
  readonly name: string;
  /** In COSE (RFC 9053, 2.1; RFC 8230, 2). */
  readonly label: bigint;
  readonly type: KeyType;
  readonly bits: number;
  readonly hash: HashAlgorithm;
}

/** signature-specification.md, "Algorithm Selection"; the two envelopes' "Supported alg header values". */
const algorithms: readonly NotationAlgorithm[] = [
  { name: 'PS256', label: -37n, type: 'rsa', bits: 2048, hash: 'sha256' },
  { name: 'PS384', label: -38n, type: 'rsa', bits: 3072, hash: 'sha384' },
  { name: 'PS512', label: -39n, type: 'rsa', bits: 4096, hash: 'sha512' },
  { name: 'ES256', label: -7n, type: 'ecdsa-p256', bits: 256, hash: 'sha256' },
  { name: 'ES384', label: -35n, type: 'ecdsa-p384', bits: 384, hash: 'sha384' },
  { name: 'ES512', label: -36n, type: 'ecdsa-p521', bits: 521, hash: 'sha512' },
];

/** The algorithm by what an envelope calls it; undefined for all that are not allowed, `none` and HMAC among them. */
export function algorithmNamed(name: string | bigint): NotationAlgorithm | undefined {
  return algorithms.find((one) => one.name === name || one.label === name);
}

/** The one algorithm that goes with a key; undefined where the key may not sign. */
export function algorithmOf({ type, bits }: VerificationKey): NotationAlgorithm | undefined {
  return algorithms.find((one) => one.type === type && one.bits === bits);
}

/**
 * Whether a signature over a message holds: RSASSA-PSS with as much salt as the digest has octets (RFC 7518, 3.5; RFC 8230,
 * 2), ECDSA as r and s side by side (RFC 7518, 3.4; RFC 9053, 2.1).
 */
export function verifyNotationSignature(
  { type, hash }: NotationAlgorithm,
  { key }: VerificationKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return type === 'rsa'
      ? verify(hash, message, { key, ...pss }, signature)
      : verify(hash, message, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } as const;
