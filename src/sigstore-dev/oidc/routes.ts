import { createHash, randomBytes, randomInt } from 'node:crypto';
import { RefusedError } from '../error.ts';
import { answerOf, type DevAnswer, type DevRequest, jsonAnswer } from '../http/message.ts';
import { oauthRefusal } from '../http/refusal.ts';
import type { Route, Service } from '../http/router.ts';
import { parseRequest, textAt } from '../json/fields.ts';
import { discoveryAnswer, keysAnswer } from './discovery.ts';
import type { Issuer } from './issuer.ts';
import { type IssuerKind, issuerTable } from './issuer-kind.ts';
import { type PendingLogin, PendingLogins } from './login.ts';

/** Who comes out of a login that names nobody. */
export interface DevUser {
  readonly subject: string;
  readonly email: string;
}

/** How logins go. */
export interface LoginOptions {
  readonly user: DevUser;
  /** Whether a device is let in without anybody opening its page. */
  readonly approveDevices: boolean;
}

const outOfBand = 'urn:ietf:wg:oauth:2.0:oob';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** The issuers: discovery and keys of each, logins of people, and tokens of any kind for whoever asks. */
export function oidcService(issuers: ReadonlyMap<IssuerKind, Issuer>, options: LoginOptions): Service {
  const people = issuers.get('email') as Issuer;
  const about = [...issuers.values()].flatMap((issuer): Route[] => {
    const { path } = issuerTable[issuer.kind];
    return [
      { method: 'GET', path: `${path}/.well-known/openid-configuration`, handle: () => discoveryAnswer(issuer) },
      { method: 'GET', path: `${path}/keys`, handle: () => keysAnswer(issuer) },
    ];
  });
  const routes: readonly Route[] = [
    ...about,
    ...loginRoutes(people, options),
    { method: 'GET', path: '/token', handle: (request) => answerOf('text/plain', tokenFor(issuers, request.url)) },
    ...buildRoutes(issuers),
  ];
  return { name: 'oidc', routes, refuse: oauthRefusal };
}

/** The browser's flow (RFC 6749, 4.1 with RFC 7636) and the device's (RFC 8628). Everybody who comes is let in. */
function loginRoutes(issuer: Issuer, { user, approveDevices }: LoginOptions): readonly Route[] {
  const logins = new PendingLogins();
  const devices = new PendingLogins();
  const begin = (parameters: URLSearchParams, approved: boolean): PendingLogin => {
    const method = parameters.get('code_challenge_method');
    if (method !== null && method !== 'S256') throw new RefusedError('REQUEST_INVALID', 'Only S256 is taken for PKCE');
    const email = parameters.get('login_hint') ?? user.email;
    return {
      subject: email === user.email ? user.subject : createHash('sha256').update(email).digest('base64url'),
      email,
      clientId: parameters.get('client_id') ?? 'sigstore',
      nonce: parameters.get('nonce') ?? undefined,
      redirectUri: parameters.get('redirect_uri') ?? undefined,
      challenge: parameters.get('code_challenge') ?? undefined,
      approved,
    };
  };
  const authorize = ({ url }: DevRequest): DevAnswer => {
    const login = begin(url.searchParams, true);
    if (url.searchParams.get('response_type') !== 'code' || login.redirectUri === undefined) {
      throw new RefusedError('REQUEST_INVALID', 'A login needs response_type=code and a redirect_uri');
    }
    if (login.redirectUri === outOfBand) return page('Enter this code where the login began', logins.begin(login));
    const target = loopbackUrl(login.redirectUri);
    target.searchParams.set('code', logins.begin(login));
    const state = url.searchParams.get('state');
    if (state !== null) target.searchParams.set('state', state);
    return { status: 303, headers: { location: target.href } };
  };
  const beginDevice = ({ body }: DevRequest): DevAnswer => {
    const login = begin(new URLSearchParams(body.toString()), approveDevices);
    const userCode = String(randomInt(10_000_000, 100_000_000)).replace(/^(\d{4})/, '$1-');
    devices.begin(login, userCode);
    return jsonAnswer(200, {
      device_code: logins.begin(login),
      user_code: userCode,
      verification_uri: `${issuer.url}/device`,
      verification_uri_complete: `${issuer.url}/device?user_code=${userCode}`,
      expires_in: 300,
      interval: 1,
    });
  };
  const approve = ({ url }: DevRequest): DevAnswer => {
    const login = devices.find(url.searchParams.get('user_code'));
    if (login === undefined) throw new RefusedError('NOT_FOUND', 'No device waits with this user_code');
    login.approved = true;
    return page('The device is let in as', login.email);
  };
  const exchange = ({ body }: DevRequest): DevAnswer => {
    const form = new URLSearchParams(body.toString());
    const verifier = form.get('code_verifier');
    const grant = form.get('grant_type');
    if (grant === 'authorization_code') {
      return granted(issuer, logins.end(form.get('code') ?? '', { redirectUri: form.get('redirect_uri'), verifier }));
    }
    if (grant !== deviceGrant) return jsonAnswer(400, { error: 'unsupported_grant_type' });
    const code = form.get('device_code');
    const login = logins.find(code);
    if (login === undefined) return jsonAnswer(400, { error: 'expired_token' });
    if (!login.approved) return jsonAnswer(400, { error: 'authorization_pending' });
    return granted(issuer, logins.end(code ?? '', { verifier }));
  };
  return [
    { method: 'GET', path: '/oidc/auth', handle: authorize },
    { method: 'POST', path: '/oidc/device/code', handle: beginDevice },
    { method: 'GET', path: '/oidc/device', handle: approve },
    { method: 'POST', path: '/oidc/token', handle: exchange },
  ];
}

function granted(issuer: Issuer, { subject, email, clientId, nonce }: PendingLogin): DevAnswer {
  const accessToken = randomBytes(24).toString('base64url');
  // OpenID Connect Core 1.0, 3.1.3.6: the left half of the hash.
  const hash = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
  const claims = { sub: subject, email, email_verified: true, aud: clientId, at_hash: hash };
  const token = issuer.token({ ...claims, ...(nonce === undefined ? {} : { nonce }) });
  const answer = { access_token: accessToken, token_type: 'Bearer', expires_in: 600, id_token: token };
  return jsonAnswer(200, answer, { 'cache-control': 'no-store' });
}

/** `/token?issuer=github&sub=…&email=…&aud=…`: any other parameter is a claim as well. */
function tokenFor(issuers: ReadonlyMap<IssuerKind, Issuer>, url: URL): string {
  const { issuer: kind = 'email', ...claims } = Object.fromEntries(url.searchParams);
  const issuer = issuers.get(kind as IssuerKind);
  if (issuer === undefined) throw new RefusedError('REQUEST_INVALID', `There is no issuer "${kind.slice(0, 40)}"`);
  return issuer.token(claims);
}

/** Where builds get their tokens: GitHub's runner and Buildkite's agent. */
function buildRoutes(issuers: ReadonlyMap<IssuerKind, Issuer>): readonly Route[] {
  const needBearer = ({ headers }: DevRequest): void => {
    const scheme = /^(?:Bearer|Token) \S+$/i;
    if (!scheme.test(headers.authorization ?? ''))
      throw new RefusedError('UNAUTHENTICATED', 'The request has no token');
  };
  const github = (request: DevRequest): DevAnswer => {
    needBearer(request);
    const audience = request.url.searchParams.get('audience') ?? 'https://github.com/example';
    return jsonAnswer(200, { value: issuers.get('github')?.token({ aud: audience }) });
  };
  const buildkite = (request: DevRequest): DevAnswer => {
    needBearer(request);
    const audience = textAt(parseRequest(request.body), 'audience');
    return jsonAnswer(200, { token: issuers.get('buildkite')?.token({ aud: audience }) });
  };
  return [
    { method: 'GET', path: '/oidc/github/actions-token', handle: github },
    { method: 'POST', path: '/oidc/buildkite/jobs/:job/oidc/tokens', handle: buildkite },
  ];
}

/** Codes are handed to programs of this machine alone. */
function loopbackUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'http:' || !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) {
    throw new RefusedError('REQUEST_INVALID', 'The redirect_uri does not lead to this machine');
  }
  return url;
}

function page(text: string, code: string): DevAnswer {
  const safe = code.replaceAll(/[^\w@.+-]/g, '');
  return answerOf(
    'text/html; charset=utf-8',
    `<!doctype html><title>sigstore-dev</title><p>${text}: <code>${safe}</code>\n`,
  );
}
