import type { Network, NetworkResponse } from '../../net/network.ts';
import { isInward, isLoopback } from '../../net/host.ts';
import { OciError } from '../error.ts';
import { asText, parseJsonObject } from '../json.ts';
import { basicAuthorization, type Credential, secretsOf } from './credential.ts';
import { clientLimits } from './limits.ts';
import { registryError, registryFailure } from './registry-error.ts';

/** What a token is asked for, and by whom. */
export interface TokenQuestion {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
}

/** A Bearer token and the time (milliseconds since 1970) after which it is not sent any more. */
export interface AccessToken {
  readonly value: string;
  readonly staleAt: number;
}

/** Names this program to OAuth2 token services (distribution, spec/auth/oauth.md, "client_id"). */
const clientId = 'seaworthy';

/** What a token lives when its service does not say (distribution, spec/auth/token.md, "expires_in"). */
const defaultLifetimeSeconds = 60;
const maxLifetimeSeconds = 24 * 3600;

/** Answers to a POST that mean "ask with GET": services older than the OAuth2 way refuse it in all of these. */
const askWithGet = new Set([400, 401, 403, 404, 405, 415, 501]);

/**
 * Checks where a registry sends its clients for tokens: credentials go there, so it must be reached over https. Plain
 * HTTP is for realms on hosts where it was asked for, and on loopback when the registry is there as well.
 *
 * @throws OciError REGISTRY_PROTOCOL
 */
export function checkRealm(network: Network, registry: URL, realm: string): URL {
  const url = URL.parse(realm);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw refused(registry, 'an address that is neither http nor https');
  }
  const here = isLoopback(registry.hostname);
  if (!here && isInward(url.hostname)) {
    throw refused(registry, `this machine itself (${url.host})`);
  }
  const plain = network.plainHttp(url.host);
  if (url.protocol === 'http:' && plain !== 'asked' && plain !== 'either' && !(plain === 'loopback' && here)) {
    throw refused(registry, `${url.host} without TLS`);
  }
  url.username = '';
  url.password = '';
  return url;
}

/**
 * Gets a token: with credentials by POST (spec/auth/oauth.md), and by GET (spec/auth/token.md) where POST is not served;
 * without any by GET.
 *
 * @throws OciError UNAUTHORIZED and the other codes of a registry's answers, NetError
 */
export async function fetchToken(
  network: Network,
  question: TokenQuestion,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const asked = network.clock.now();
  const { credential, realm } = question;
  let response: NetworkResponse | undefined;
  try {
    if (credential !== undefined) {
      response = await post(network, question, credential, signal);
      if (credential.kind === 'password' && askWithGet.has(response.status)) {
        response.discard();
        response = undefined;
      }
    }
    response ??= await get(network, question, signal);
  } catch (error) {
    throw registryFailure(error);
  }
  if (response.status !== 200) {
    const identified = credential !== undefined;
    const name = question.scopes.join(' ') || 'a token';
    throw await registryError(response, {
      host: realm.host,
      kind: 'token',
      name,
      identified,
      secrets: secretsOf(credential),
    });
  }
  return readToken(await readAnswer(response), realm.host, asked);
}

function post(
  network: Network,
  { realm, service, scopes }: TokenQuestion,
  credential: Credential,
  signal: AbortSignal | undefined,
): Promise<NetworkResponse> {
  const form = new URLSearchParams({ client_id: clientId });
  if (service !== undefined) form.set('service', service);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  if (credential.kind === 'password') {
    form.set('grant_type', 'password');
    form.set('username', credential.username);
    form.set('password', credential.password);
  } else {
    form.set('grant_type', 'refresh_token');
    form.set('refresh_token', credential.token);
  }
  return network.request({
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: Buffer.from(form.toString()),
    idempotent: true,
    limits: { maxBodyBytes: clientLimits.tokenAnswerBytes },
    signal,
  });
}

function get(
  network: Network,
  { realm, service, scopes, credential }: TokenQuestion,
  signal: AbortSignal | undefined,
): Promise<NetworkResponse> {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (credential?.kind === 'password') {
    headers['authorization'] = basicAuthorization(credential.username, credential.password);
    url.searchParams.set('account', credential.username);
  }
  return network.request({ url, headers, limits: { maxBodyBytes: clientLimits.tokenAnswerBytes }, signal });
}

async function readAnswer(response: NetworkResponse): Promise<Buffer> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    throw registryFailure(error);
  }
}

function readToken(answer: Buffer, host: string, asked: number): AccessToken {
  const complain = (): OciError => new OciError('REGISTRY_PROTOCOL', `The token service ${host} sent no usable token`);
  const document = parseJsonObject(answer, complain);
  const value = asText(document.token) ?? asText(document.access_token);
  // The token goes into a header: only what RFC 6750 (2.1) lets stand there.
  if (value === undefined || value.length > clientLimits.tokenLength || !/^[\w.~+/=-]+$/.test(value)) throw complain();
  const said = typeof document.expires_in === 'number' && document.expires_in > 0 ? document.expires_in : undefined;
  const lifetime = Math.min(said ?? defaultLifetimeSeconds, maxLifetimeSeconds);
  // A tenth is kept back for the way to the registry and for clocks that differ.
  return { value, staleAt: asked + lifetime * 900 };
}

/** The refusal of a place for tokens that does not belong to the registry. */
export function foreignRealm(registry: URL, realm: URL): OciError {
  return refused(registry, `${realm.host}, which does not belong to it`);
}

function refused(registry: URL, where: string): OciError {
  return new OciError(
    'REGISTRY_PROTOCOL',
    `${registry.host} sends its clients to ${where} for tokens; that is refused and no credentials were sent`,
  );
}
