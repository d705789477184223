import { type Access, parseScopes } from '../access.ts';
import { basicCredentials, type Credentials } from '../credentials.ts';
import { RegistryAuthError } from '../error.ts';
import { tokenLimits } from './limits.ts';

/** What a client wants of the token service. */
export interface TokenRequest {
  readonly service: string | undefined;
  readonly access: readonly Access[];
  /** Whether it wants a refresh token too. */
  readonly offline: boolean;
  /** What the client calls itself and whom it says to act for; for logs only, since nobody has proven either. */
  readonly clientId: string | undefined;
  readonly account: string | undefined;
}

/** How a client that asks by POST proves who it is. */
export type TokenProof =
  | { readonly kind: 'password'; readonly credentials: Credentials }
  | { readonly kind: 'refresh'; readonly token: string };

/**
 * Reads the query of a GET (distribution, spec/auth/token.md): `service`, `scope` once or often, `account`, `client_id`,
 * `offline_token`.
 *
 * @throws RegistryAuthError TOKEN_REQUEST_INVALID, SCOPE_INVALID
 */
export function parseTokenQuery(query: URLSearchParams): TokenRequest {
  checkSize(query);
  return {
    service: one(query, 'service'),
    access: parseScopes(query.getAll('scope')),
    offline: one(query, 'offline_token') === 'true',
    clientId: label(query, 'client_id'),
    account: label(query, 'account'),
  };
}

/**
 * Reads the form of a POST (distribution, spec/auth/oauth.md; RFC 6749, 4.3.2 and 6): `grant_type` is `password` or
 * `refresh_token`. `client_id`, which the specification wants, is not missed: clients leave it out.
 *
 * @throws RegistryAuthError TOKEN_REQUEST_INVALID, GRANT_TYPE_UNSUPPORTED, SCOPE_INVALID, CREDENTIALS_MALFORMED
 */
export function parseTokenForm(
  contentType: string | undefined,
  body: string,
): { readonly request: TokenRequest; readonly proof: TokenProof } {
  if (!/^application\/x-www-form-urlencoded *(?:;|$)/i.test(contentType ?? '')) {
    throw invalid('its body is not application/x-www-form-urlencoded');
  }
  if (body.length > tokenLimits.bodyBytes) throw invalid(`it is longer than ${tokenLimits.bodyBytes} bytes`);
  const form = new URLSearchParams(body);
  checkSize(form);
  const request: TokenRequest = {
    service: one(form, 'service'),
    access: parseScopes(form.getAll('scope')),
    offline: one(form, 'access_type') === 'offline',
    clientId: label(form, 'client_id'),
    account: label(form, 'username'),
  };
  return { request, proof: readProof(form) };
}

function readProof(form: URLSearchParams): TokenProof {
  const grantType = one(form, 'grant_type');
  if (grantType === 'password') {
    const [user, password] = [one(form, 'username'), one(form, 'password')];
    if (user === undefined || password === undefined) throw invalid('username and password are missing');
    return { kind: 'password', credentials: basicCredentials(user, password) };
  }
  if (grantType === 'refresh_token') {
    const token = one(form, 'refresh_token');
    if (token === undefined || token === '') throw invalid('refresh_token is missing');
    return { kind: 'refresh', token };
  }
  if (grantType === undefined) throw invalid('grant_type is missing');
  throw new RegistryAuthError(
    'GRANT_TYPE_UNSUPPORTED',
    'The request for a token has a grant_type that is not served; send password or refresh_token',
  );
}

/** A value that may be there once (RFC 6749, 3.2). */
function one(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name);
  if (values.length > 1) throw invalid(`it has ${name} twice`);
  return values[0];
}

function label(parameters: URLSearchParams, name: string): string | undefined {
  const value = one(parameters, name);
  return value?.replaceAll(/\p{Cc}/gu, '').slice(0, tokenLimits.labelLength);
}

function checkSize(parameters: URLSearchParams): void {
  if (parameters.size > tokenLimits.fields) throw invalid(`it has more than ${tokenLimits.fields} fields`);
}

function invalid(why: string): RegistryAuthError {
  return new RegistryAuthError('TOKEN_REQUEST_INVALID', `The request for a token cannot be served: ${why}`);
}
