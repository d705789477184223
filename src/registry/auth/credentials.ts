import { RegistryAuthError } from './error.ts';
import { authLimits } from './limits.ts';

/** What a request brought to say who it comes from. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  /** The peer's certificate in DER, which the TLS server has verified against the authorities of clients. */
  | { readonly kind: 'certificate'; readonly der: Uint8Array };

/**
 * Reads an `Authorization` header: Basic (RFC 7617, in UTF-8) or Bearer (RFC 6750, 2.1). No header is no credentials; a
 * header that cannot be read is an error, so that nobody who tried to log in is served as a stranger. Skopeo, podman and
 * CRI-O answer a Basic challenge with neither user nor password where they have none: that is no credentials too.
 *
 * @throws RegistryAuthError CREDENTIALS_MALFORMED
 */
export function parseAuthorization(header: string | undefined): Credentials {
  if (header === undefined) return { kind: 'none' };
  if (header.length > authLimits.authorizationLength) throw malformed('it is too long');
  const match = /^[ \t]*([A-Za-z]+) +([\w.~+/-]+=*)[ \t]*$/.exec(header);
  if (match === null) throw malformed('it is not a scheme and one value');
  const [, scheme = '', value = ''] = match;
  if (scheme.toLowerCase() === 'bearer') return { kind: 'bearer', token: value };
  if (scheme.toLowerCase() === 'basic') return parseBasic(value);
  throw malformed('its scheme is neither Basic nor Bearer');
}

/**
 * User and password as credentials, whichever way they came.
 *
 * @throws RegistryAuthError CREDENTIALS_MALFORMED for control characters (RFC 7617, 2), colons in the name and lengths that nothing has
 */
export function basicCredentials(user: string, password: string): Credentials {
  if (user.length > authLimits.userLength) throw malformed('the user name is too long');
  if (password.length > authLimits.passwordLength) throw malformed('the password is too long');
  if (user.includes(':')) throw malformed('the user name has a colon');
  if (/\p{Cc}/u.test(user) || /\p{Cc}/u.test(password)) throw malformed('it has control characters');
  return { kind: 'basic', user, password };
}

/** Made once: every request with a password passes here. It keeps nothing from one text to the next. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseBasic(value: string): Credentials {
  // Node's decoder passes over what is not base64, so two headers could mean the same to us and differ to others.
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value) || value.replaceAll('=', '').length % 4 === 1) {
    throw malformed('its value is not base64');
  }
  let text: string;
  try {
    text = utf8.decode(Buffer.from(value, 'base64'));
  } catch (cause) {
    throw malformed('user and password are not UTF-8', cause);
  }
  if (text === ':') return { kind: 'none' };
  const colon = text.indexOf(':');
  if (colon < 0) throw malformed('no colon stands between user and password');
  return basicCredentials(text.slice(0, colon), text.slice(colon + 1));
}

function malformed(why: string, cause?: unknown): RegistryAuthError {
  return new RegistryAuthError(
    'CREDENTIALS_MALFORMED',
    `The credentials of the request cannot be read: ${why}; send Basic with a user and password, or Bearer with a token`,
    cause === undefined ? {} : { cause },
  );
}
