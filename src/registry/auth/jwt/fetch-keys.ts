import { isSeaworthyError } from '../../../base/error.ts';
import { parseStrictJson } from '../../../codec/json/parse.ts';
import { isNetError } from '../../../net/error.ts';
import type { Network } from '../../../net/network.ts';
import { redactUrl } from '../../../net/redact.ts';
import { RegistryAuthError } from '../error.ts';
import type { JwtKey } from './key-source.ts';
import { jwtLimits } from './limits.ts';
import { parseJwks } from './parse-jwks.ts';
import type { JsonObject } from './read-unverified.ts';

/** How an issuer is asked. */
export interface IssuerDoor {
  readonly network: Network;
  /** The value of `Authorization`, for clusters that show their keys to their own service accounts only. */
  readonly authorization?: () => Promise<string>;
}

/**
 * Fetches the keys at an address.
 *
 * @throws RegistryAuthError AUTH_UNAVAILABLE, or the signal's reason
 */
export async function fetchJwks(door: IssuerDoor, url: string, signal: AbortSignal): Promise<readonly JwtKey[]> {
  return parseJwks(await fetchBytes(door, url, jwtLimits.keysBytes, signal), redactUrl(url));
}

/**
 * Finds the keys of an issuer by what it says of itself (OpenID Connect Discovery 1.0, 4). Its document must name the issuer
 * exactly as it is configured (4.3): else whoever serves one path of a host could speak for another.
 *
 * @throws RegistryAuthError AUTH_UNAVAILABLE, or the signal's reason
 */
export async function discoverJwks(door: IssuerDoor, issuer: string, signal: AbortSignal): Promise<readonly JwtKey[]> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = readObject(await fetchBytes(door, address, jwtLimits.discoveryBytes, signal), address);
  if (document['issuer'] !== issuer) {
    throw unavailable(address, 'its document names another issuer; write the issuer exactly as it calls itself');
  }
  const location = document['jwks_uri'];
  if (typeof location !== 'string' || URL.parse(location) === null) throw unavailable(address, 'it names no keys');
  return await fetchJwks(door, location, signal);
}

function readObject(bytes: Uint8Array, address: string): JsonObject {
  let value: unknown;
  try {
    value = parseStrictJson(bytes, jwtLimits.depth);
  } catch (cause) {
    if (!isSeaworthyError(cause)) throw cause;
    throw unavailable(address, 'it answered with something that is no JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unavailable(address, 'it answered with no JSON object');
  return value as JsonObject;
}

async function fetchBytes(door: IssuerDoor, url: string, most: number, signal: AbortSignal): Promise<Uint8Array> {
  const { requestMs } = jwtLimits;
  const authorization = await door.authorization?.();
  try {
    const response = await door.network.request({
      url,
      headers: { accept: 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      signal,
      // Somebody waits at a closed door meanwhile, so one try must do; the next request tries again.
      idempotent: false,
      limits: { maxBodyBytes: most, connectMs: requestMs, headersMs: requestMs, idleMs: requestMs },
    });
    if (response.status !== 200) {
      response.discard();
      throw unavailable(url, `it answered with status ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (cause) {
    if (!isNetError(cause)) throw cause;
    throw unavailable(url, cause.message, cause);
  }
}

function unavailable(url: string, why: string, cause?: unknown): RegistryAuthError {
  return new RegistryAuthError(
    'AUTH_UNAVAILABLE',
    `The issuer cannot be asked at ${redactUrl(url)}: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
