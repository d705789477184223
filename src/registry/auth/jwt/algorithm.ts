import type { KeyObject } from 'node:crypto';

/**
 * Signature algorithms that are taken (RFC 7518, 3.1; RFC 8037; RFC 9864). None is symmetric and none is `none`: whoever verifies
 * must not be able to sign.
 */
export type JwtAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519';

const curves: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

/** Least bits of an RSA key (RFC 7518, 3.3). */
const minRsaBits = 2048;

/** Whether a public key is of the kind that an algorithm is for; weak RSA keys are for none. */
export function keyFits(key: KeyObject, algorithm: string): boolean {
  if (key.type !== 'public') return false;
  if (/^[RP]S(?:256|384|512)$/.test(algorithm)) {
    return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= minRsaBits;
  }
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return key.asymmetricKeyType === 'ed25519';
  const curve = curves[algorithm];
  return curve !== undefined && key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === curve;
}
