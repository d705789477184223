import type { Authenticator, RequestContext } from '../authenticator.ts';
import { basicChallenge } from '../challenge.ts';
import { parseAuthorization } from '../credentials.ts';
import { isRegistryAuthError, type RegistryAuthError, type RegistryAuthErrorCode } from '../error.ts';
import { anonymous, type Identity } from '../identity.ts';
import { refusedLogin, type RefusedLogin, type ShownLogin } from '../refused-login.ts';
import { parseTokenForm, parseTokenQuery } from './request.ts';
import type { IssuedToken, TokenService } from './service.ts';

/** A request to the token service, as plain data. */
export interface TokenExchange {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** Of a POST, read up to `tokenLimits.bodyBytes` and one byte more. */
  readonly body: string;
}

/** What the token service answers. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** To be sent as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Who asked, for the audit trail; absent when nobody was told apart. */
  readonly identity?: Identity;
  /** The login that was refused, for the audit trail. */
  readonly refused?: RefusedLogin;
  /** What went wrong, for the log: clients are not told which hosts could not be asked. */
  readonly error?: RegistryAuthError;
}

/**
 * Answers a request for a token: GET as the token specification has it, POST as its OAuth 2 form. Whoever shows nothing gets
 * a token for what anybody may do; whoever shows something wrong gets none.
 *
 * @throws the signal's reason, and what is no fault of the request
 */
export async function answerTokenRequest(
  service: TokenService,
  authenticator: Authenticator,
  exchange: TokenExchange,
  context: RequestContext,
): Promise<TokenAnswer> {
  let shown: ShownLogin | undefined;
  try {
    if (exchange.method !== 'GET' && exchange.method !== 'POST') {
      return {
        ...errorAnswer(405, 'invalid_request', 'UNSUPPORTED', 'Ask for tokens by GET or POST'),
        headers: { ...noStore, allow: 'GET, POST' },
      };
    }
    const { request, proof } =
      exchange.method === 'GET'
        ? { request: parseTokenQuery(exchange.query), proof: undefined }
        : parseTokenForm(exchange.contentType, exchange.body);
    shown = proof?.kind === 'refresh' ? proof : (proof?.credentials ?? parseAuthorization(exchange.authorization));
    const identity = await identify(service, authenticator, shown, context);
    // A token must not be good for further tokens: it would never end.
    if (identity === undefined || identity.limitedTo !== undefined)
      return { ...wrongCredentials(), ...refusalOf(shown) };
    return success(await service.issue(identity, request), identity);
  } catch (error) {
    if (!isRegistryAuthError(error)) throw error;
    const answer = failures[error.code];
    if (answer === undefined) throw error;
    return { ...failure(error, ...answer), ...refusalOf(shown, error) };
  }
}

async function identify(
  service: TokenService,
  authenticator: Authenticator,
  shown: ShownLogin,
  context: RequestContext,
): Promise<Identity | undefined> {
  if (shown.kind === 'refresh') return await service.redeem(shown.token, context);
  if (shown.kind === 'none') return anonymous;
  return await authenticator.authenticate(shown, context);
}

function refusalOf(shown: ShownLogin | undefined, error?: RegistryAuthError): Pick<TokenAnswer, 'refused'> {
  const refused = shown === undefined ? undefined : refusedLogin(shown, error);
  return refused === undefined ? {} : { refused };
}

const noStore = { 'cache-control': 'no-store', 'content-type': 'application/json' };

function success(issued: IssuedToken, identity: Identity): TokenAnswer {
  return {
    status: 200,
    headers: noStore,
    body: {
      token: issued.token,
      access_token: issued.token,
      ...(issued.refreshToken === undefined ? {} : { refresh_token: issued.refreshToken }),
      expires_in: issued.expiresIn,
      issued_at: new Date(issued.issuedAt).toISOString(),
    },
    identity,
  };
}

type Failure = readonly [status: number, oauth: string, registry: string];

/** How each fault is told (RFC 6749, 5.2, and the distribution specification's codes). */
const failures: Readonly<Partial<Record<RegistryAuthErrorCode, Failure>>> = {
  TOKEN_REQUEST_INVALID: [400, 'invalid_request', 'UNSUPPORTED'],
  GRANT_TYPE_UNSUPPORTED: [400, 'unsupported_grant_type', 'UNSUPPORTED'],
  SCOPE_INVALID: [400, 'invalid_scope', 'UNSUPPORTED'],
  CREDENTIALS_MALFORMED: [400, 'invalid_request', 'UNAUTHORIZED'],
  AUTH_UNAVAILABLE: [503, 'temporarily_unavailable', 'UNAVAILABLE'],
  TOO_MANY_ATTEMPTS: [429, 'slow_down', 'TOOMANYREQUESTS'],
};

function failure(error: RegistryAuthError, status: number, oauth: string, registry: string): TokenAnswer {
  const message = status === 503 ? 'Who you are cannot be looked up at present; try again later' : error.message;
  const { headers, ...answer } = errorAnswer(status, oauth, registry, message);
  const seconds = error.retryAfterSeconds ?? (status === 503 ? 5 : undefined);
  return {
    ...answer,
    error,
    headers: { ...headers, ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }) },
  };
}

function wrongCredentials(): TokenAnswer {
  const { headers, ...answer } = errorAnswer(
    401,
    'invalid_grant',
    'UNAUTHORIZED',
    'User and password, or the token, are not right',
  );
  return { ...answer, headers: { ...headers, 'www-authenticate': basicChallenge('token service') } };
}

/** An error in both forms at once: OAuth 2 clients read `error`, registry clients print `errors`. */
function errorAnswer(status: number, oauth: string, registry: string, message: string): TokenAnswer {
  return {
    status,
    headers: noStore,
    body: { error: oauth, error_description: message, errors: [{ code: registry, message }] },
  };
}
