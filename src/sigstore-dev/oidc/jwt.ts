import { createHash, verify } from 'node:crypto';
import { decodeBase64Url } from '../../codec/base64/decode.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { isObject, type JsonObject } from '../json/fields.ts';
import { type DevKey, signWith } from '../key/dev-key.ts';

/** What a token says of whoever holds it. */
export type Claims = JsonObject;

/** A name for a key, the same whoever computes it (RFC 7638). */
export function thumbprint(key: DevKey): string {
  const { e, kty, n } = key.publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}

/** A signed token (RFC 7519), by the one algorithm that cosign takes on its command line. */
export function signJwt(claims: Claims, key: DevKey): string {
  const header = { alg: 'RS256', kid: thumbprint(key), typ: 'JWT' };
  const signed = `${encodePart(header)}.${encodePart(claims)}`;
  return `${signed}.${signWith(key, Buffer.from(signed)).toString('base64url')}`;
}

/** The claims of a token, whoever signed it; undefined when it is none. */
export function readClaims(token: string): Claims | undefined {
  const [header, payload, signature, ...rest] = token.split('.', 4);
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
  return decodePart(payload);
}

/** Whether a key signed a token, by the one algorithm that keys here are for (RFC 8725, 3.1). */
export function isSignedBy(token: string, key: DevKey): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.');
  if (decodePart(header)?.['alg'] !== 'RS256') return false;
  return verify('sha256', Buffer.from(`${header}.${payload}`), key.publicKey, Buffer.from(signature, 'base64url'));
}

function encodePart(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decodePart(part: string): JsonObject | undefined {
  try {
    const value = parseStrictJson(decodeBase64Url(part), 16);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
