import type { JsonObject } from '../../oci/json.ts';
import { asText } from '../../oci/json.ts';
import { SigningError } from '../error.ts';

/** The access token of an OAuth answer (RFC 6749, 5.1), fit to stand in a header. @throws SigningError KEY_UNAVAILABLE */
export function accessTokenOf(document: JsonObject, service: string, name = 'access_token'): string {
  const token = asText(document[name]);
  // RFC 6750, 2.1.
  if (token !== undefined && token.length <= 65_536 && /^[\w.~+/-]+=*$/.test(token)) return token;
  throw new SigningError('KEY_UNAVAILABLE', `${service} gave no usable token`);
}
