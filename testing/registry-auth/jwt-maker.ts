import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { fixedKeys, type KeySource } from '../../src/registry/auth/jwt/key-source.ts';

/** An issuer in memory that signs as ES256. */
export interface JwtMaker {
  readonly issuer: string;
  readonly publicKey: KeyObject;
  /** Its key, by its id. */
  readonly keys: KeySource;
  /** As it publishes its keys. */
  readonly jwks: Readonly<Record<string, unknown>>;
  /** A token that holds five minutes from `now` on, unless the claims say something else. */
  token(claims: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

/** Makes an issuer. @param now milliseconds since 1970 */
export function jwtMaker(issuer: string, now: number): JwtMaker {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const seconds = Math.floor(now / 1000);
  return {
    issuer,
    publicKey,
    keys: fixedKeys([{ key: publicKey, ids: ['one'] }]),
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' }] },
    token: (claims, header = {}) =>
      new SignJWT({ iss: issuer, iat: seconds, nbf: seconds, exp: seconds + 300, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'JWT', ...header })
        .sign(privateKey),
  };
}
