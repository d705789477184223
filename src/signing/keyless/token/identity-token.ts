import { decodeBase64Url } from '../../../codec/base64/decode.ts';
import { CodecError } from '../../../codec/error.ts';
import { parseStrictJson } from '../../../codec/json/parse.ts';
import { SigningError } from '../../error.ts';
import { signingLimits } from '../../limits.ts';

/** A token that says who signs (OpenID Connect Core 1.0, section 2). Its text is a secret as long as it is valid. */
export interface IdentityToken {
  readonly text: string;
  readonly issuer: string;
  /** What Fulcio wants a signature over as proof of possession: the verified address, or the subject. */
  readonly principal: string;
  readonly expires: Date;
}

/**
 * Reads a token's claims. Its signature is for Fulcio to check; what is read here only makes for early, clear errors.
 *
 * @throws SigningError IDENTITY_TOKEN_INVALID
 */
export function parseIdentityToken(raw: string, now: Date): IdentityToken {
  const text = raw.trim();
  if (text.length > signingLimits.tokenBytes) throw invalid(`it has ${text.length} characters`);
  // Counted before anything is cut: a token of dots alone would make a list of millions (CVE-2025-66506).
  const [, payload, signature, more] = text.split('.', 4);
  if (payload === undefined || signature === undefined || more !== undefined) throw invalid('it is no JSON Web Token');
  const { iss, sub, email, email_verified: verified, exp } = readClaims(payload);
  if (typeof iss !== 'string' || iss === '') throw invalid('it names no issuer');
  if (typeof exp !== 'number') throw invalid('it does not say when it expires');
  const expires = new Date(exp * 1000);
  if (!(expires > now)) throw invalid('it has expired; get a new one');
  const hasEmail = typeof email === 'string' && email !== '';
  if (hasEmail && verified !== true && verified !== 'true') {
    throw invalid('its address is not verified; verify it with the identity provider');
  }
  const principal = hasEmail ? email : sub;
  if (typeof principal !== 'string' || principal === '') throw invalid('it names nobody');
  return { text, issuer: iss, principal, expires };
}

function readClaims(payload: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseStrictJson(decodeBase64Url(payload), 32);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
  throw invalid('its claims cannot be read');
}

function invalid(why: string): SigningError {
  return new SigningError('IDENTITY_TOKEN_INVALID', `The identity token cannot be used: ${why}`);
}
