import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { errorMessage } from '../../../base/error.ts';
import { parsePem } from '../../../codec/pem/pem.ts';
import { RegistryAuthError } from '../error.ts';
import type { JwtKey } from './key-source.ts';
import { jwtLimits } from './limits.ts';

/**
 * The keys of a bundle of certificates in PEM, as token services that grew up with Docker's registry publish them. They are
 * the keys themselves, not authorities: chains that a token brings along are not followed.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID
 */
export function readCertificateKeys(pem: string, subject: string): readonly JwtKey[] {
  try {
    const blocks = parsePem(pem).filter(({ label }) => label === 'CERTIFICATE');
    if (blocks.length === 0) throw new Error('there is none in it');
    if (blocks.length > jwtLimits.keys) throw new Error(`there are more than ${jwtLimits.keys}`);
    return blocks.map(({ bytes }) => {
      const certificate = new X509Certificate(bytes);
      const { publicKey, validFromDate, validToDate } = certificate;
      const ids = [
        libtrustId(publicKey),
        createHash('sha256').update(bytes).digest('base64url'),
        jwkThumbprint(publicKey),
      ];
      return { key: publicKey, ids, notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
    });
  } catch (cause) {
    throw new RegistryAuthError(
      'AUTH_SETTING_INVALID',
      `The certificates of ${subject} cannot be read: ${errorMessage(cause)}`,
      { cause },
    );
  }
}

/** The key id of Docker's old library for trust: 240 bits of SHA-256 in base32, in groups of four. */
export function libtrustId(key: KeyObject): string {
  const hash = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 30);
  return (base32(hash).match(/.{4}/g) ?? []).join(':');
}

/** The thumbprint of a key (RFC 7638, 3): SHA-256 of its required members in order. */
export function jwkThumbprint(key: KeyObject): string {
  const { kty, crv, e, n, x, y } = key.export({ format: 'jwk' });
  const members = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, 6, of bytes whose number is a multiple of five. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('');
}
