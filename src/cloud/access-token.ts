import { asText, type JsonObject } from '../oci/json.ts';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';

/** A token that a cloud takes, and the time (milliseconds since 1970) after which it does not. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * The access token of an OAuth answer (RFC 6749, 5.1), fit to stand in a header. Its end is reckoned by this machine's clock; a
 * service that names none is taken to mean a short one.
 *
 * @throws CloudError ANSWER_INVALID
 */
export function accessTokenOf(
  document: JsonObject,
  service: string,
  { now, name = 'access_token' }: { readonly now: Date; readonly name?: string },
): AccessToken {
  const token = asText(document[name]);
  // RFC 6750, 2.1.
  if (token === undefined || token.length > cloudLimits.tokenLength || !/^[\w.~+/-]+=*$/.test(token)) {
    throw new CloudError('ANSWER_INVALID', `${service} gave no usable token`);
  }
  // Azure's metadata service writes the number as text.
  const seconds = Number(document['expires_in']);
  const at = Date.parse(asText(document['expireTime']) ?? '');
  const told = Number.isNaN(at) ? now.getTime() + 1000 * (Number.isFinite(seconds) ? seconds : 0) : at;
  return { token, expiresAt: endOf(told, now) };
}

/** An end within what tokens have: no service makes one be kept for ever, or be got anew for every request. */
export function endOf(told: number | undefined, now: Date): number {
  const { shortest, longest } = cloudLimits;
  const left = told === undefined || !Number.isFinite(told) ? 0 : told - now.getTime();
  return now.getTime() + Math.min(longest, Math.max(shortest, left));
}
