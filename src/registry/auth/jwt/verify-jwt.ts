import { errors, jwtVerify } from 'jose';
import type { JwtAlgorithm } from './algorithm.ts';
import type { KeySource } from './key-source.ts';
import { jwtLimits } from './limits.ts';
import { type JsonObject, readUnverified } from './read-unverified.ts';

/** What a token must be to be taken. */
export interface JwtRules {
  readonly issuer: string;
  /** At least one of them must be in its `aud`. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly JwtAlgorithm[];
  /** What its header must have as `typ`, where that tells kinds of tokens apart (RFC 8725, 3.11). */
  readonly type?: string;
  readonly keys: KeySource;
}

/** Why a token was refused, for logs; whoever sent it is told no more than that it is not good. */
export type JwtRefusal =
  | 'MALFORMED'
  | 'ALGORITHM'
  | 'TYPE'
  | 'KEY_UNKNOWN'
  | 'SIGNATURE'
  | 'ISSUER'
  | 'AUDIENCE'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'CLAIMS';

/** A verified token's claims, or why it was refused. */
export type JwtVerdict = { readonly claims: JsonObject; readonly expires: number } | { readonly refused: JwtRefusal };

/**
 * Verifies a token (RFC 7519, 7.2; RFC 8725): its algorithm is one of those named, its key one that the issuer is known to
 * have, and issuer, audience and times are as they must be. Keys and addresses of keys that its header brings along are
 * passed over (CVE-2025-24976); `crit` is refused, since nothing critical is understood.
 *
 * `expires` is in milliseconds since 1970.
 *
 * @param now milliseconds since 1970
 * @throws RegistryAuthError AUTH_UNAVAILABLE when the issuer's keys could not be had, or the signal's reason
 */
export async function verifyJwt(
  token: string,
  rules: JwtRules,
  now: number,
  signal?: AbortSignal,
): Promise<JwtVerdict> {
  const unverified = readUnverified(token);
  if (unverified === undefined) return { refused: 'MALFORMED' };
  const { alg, typ, kid, crit, b64 } = unverified.header;
  if (crit !== undefined || b64 !== undefined) return { refused: 'MALFORMED' };
  const algorithm = rules.algorithms.find((allowed) => allowed === alg);
  if (algorithm === undefined) return { refused: 'ALGORITHM' };
  if (rules.type !== undefined && typ !== rules.type) return { refused: 'TYPE' };
  if (kid !== undefined && typeof kid !== 'string') return { refused: 'MALFORMED' };
  // Before any key is looked up, so that nobody makes us fetch keys for tokens that could never do.
  const early = checkClaims(unverified.claims, rules, now);
  if (early !== undefined) return { refused: early };
  const key = await rules.keys.find({ algorithm, id: kid, now, signal });
  if (key === undefined) return { refused: 'KEY_UNKNOWN' };
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer: rules.issuer,
      audience: [...rules.audiences],
      clockTolerance: jwtLimits.leewaySeconds,
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    });
    return { claims: payload, expires: (payload.exp ?? 0) * 1000 };
  } catch (error) {
    return { refused: error instanceof errors.JWSSignatureVerificationFailed ? 'SIGNATURE' : 'MALFORMED' };
  }
}

function checkClaims(claims: JsonObject, rules: JwtRules, now: number): JwtRefusal | undefined {
  const { iss, aud, exp, nbf, iat } = claims;
  if (iss !== rules.issuer) return 'ISSUER';
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.some((audience) => rules.audiences.some((wanted) => wanted === audience))) return 'AUDIENCE';
  if (!isTime(exp) || (nbf !== undefined && !isTime(nbf)) || (iat !== undefined && !isTime(iat))) return 'CLAIMS';
  const seconds = Math.floor(now / 1000);
  if (exp <= seconds - jwtLimits.leewaySeconds) return 'EXPIRED';
  const latest = seconds + jwtLimits.leewaySeconds;
  if ((nbf !== undefined && nbf > latest) || (iat !== undefined && iat > latest)) return 'NOT_YET_VALID';
  return undefined;
}

/** A numeric date (RFC 7519, 2) that JavaScript can have as milliseconds. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= 8.64e12;
}
