import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { isSeaworthyError } from '../../../base/error.ts';
import { parseStrictJson } from '../../../codec/json/parse.ts';
import { RegistryAuthError } from '../error.ts';
import type { JwtKey } from './key-source.ts';
import { jwtLimits } from './limits.ts';
import type { JsonObject } from './read-unverified.ts';

/**
 * Reads a set of keys (RFC 7517, 5). Keys that are not for signatures, or of kinds that are not taken, are passed over as
 * the clause asks; symmetric ones always are, since a published secret verifies nothing.
 *
 * @throws RegistryAuthError AUTH_UNAVAILABLE when it is no set of keys
 */
export function parseJwks(bytes: Uint8Array, subject: string): readonly JwtKey[] {
  let document: unknown;
  try {
    document = parseStrictJson(bytes, jwtLimits.depth);
  } catch (cause) {
    if (!isSeaworthyError(cause)) throw cause;
    throw unreadable(subject, 'they are no JSON', cause);
  }
  const list = isObject(document) ? document['keys'] : undefined;
  if (!Array.isArray(list)) throw unreadable(subject, 'they are no set of keys');
  if (list.length > jwtLimits.keys) throw unreadable(subject, `there are more than ${jwtLimits.keys}`);
  return list.map(readKey).filter((key) => key !== undefined);
}

function readKey(jwk: unknown): JwtKey | undefined {
  if (!isObject(jwk)) return undefined;
  const { kty, use, key_ops: operations, kid, alg } = jwk;
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') return undefined;
  if (use !== undefined && use !== 'sig') return undefined;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return undefined;
  try {
    const { n, e, crv, x, y } = jwk;
    // Only the public half: a private one has no business there.
    const key = createPublicKey({ key: { kty, n, e, crv, x, y } as JsonWebKey, format: 'jwk' });
    return {
      key,
      ids: typeof kid === 'string' ? [kid] : [],
      ...(typeof alg === 'string' ? { algorithm: alg } : {}),
    };
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(subject: string, why: string, cause?: unknown): RegistryAuthError {
  return new RegistryAuthError(
    'AUTH_UNAVAILABLE',
    `The keys of ${subject} cannot be read: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
