import { leadsInward } from '../../../net/host.ts';
import type { Network } from '../../../net/network.ts';
import { askService, jsonOfAnswer, protocolError } from '../../service.ts';

/** An OpenID Connect issuer that a person can log in at. */
export interface Issuer {
  readonly url: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Absent where the issuer has no device flow. */
  readonly deviceEndpoint?: string;
}

/** What a person logs in as: a client of the issuer. */
export interface IssuerClient {
  readonly id: string;
  readonly secret?: string;
}

const name = 'the identity provider';

/**
 * Asks an issuer where its endpoints are (OpenID Connect Discovery 1.0, section 4).
 *
 * @throws SigningError SERVICE_PROTOCOL when it calls itself by another name: its tokens would be another issuer's
 */
export async function discoverIssuer(network: Network, url: string, signal?: AbortSignal): Promise<Issuer> {
  const base = url.replace(/\/+$/, '');
  const answer = await askService(network, { name, url: `${base}/.well-known/openid-configuration` }, signal);
  const document = jsonOfAnswer(answer, name);
  const issuer = document['issuer'];
  if (typeof issuer !== 'string' || issuer.replace(/\/+$/, '') !== base) {
    throw protocolError(name, `it is asked as ${base} but calls itself ${String(issuer).slice(0, 100)}`);
  }
  const device = document['device_authorization_endpoint'];
  const endpoint = (field: string): string => endpointIn(document, field, new URL(base));
  return {
    url: base,
    authorizationEndpoint: endpoint('authorization_endpoint'),
    tokenEndpoint: endpoint('token_endpoint'),
    ...(typeof device === 'string' ? { deviceEndpoint: endpoint('device_authorization_endpoint') } : {}),
  };
}

/** Exchanges a grant for an identity token (RFC 6749, 4.1.3 and 5). A refusal is `{ error }`. */
export async function exchangeGrant(
  network: Network,
  issuer: Issuer,
  client: IssuerClient,
  grant: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<{ readonly token: string } | { readonly error: string }> {
  const answer = await askForm(network, issuer.tokenEndpoint, client, grant, signal);
  const { id_token: token, error } = jsonOfAnswer(answer, name);
  if (typeof token === 'string' && answer.status === 200) return { token };
  if (typeof error === 'string') return { error: error.slice(0, 100) };
  throw protocolError(name, 'its answer holds no identity token');
}

/** Sends a form as one of its clients (RFC 6749, 2.3.1: with Basic where there is a secret, else by its id alone). */
export function askForm(
  network: Network,
  url: string,
  { id, secret }: IssuerClient,
  fields: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): ReturnType<typeof askService> {
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret ?? '')}`;
  const basic = secret === undefined ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  const form = new URLSearchParams({ ...(secret === undefined ? { client_id: id } : {}), ...fields });
  return askService(
    network,
    {
      name,
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...basic },
      body: Buffer.from(form.toString()),
      // Refusals of a grant come as 400 or 401 with a JSON document (RFC 6749, 5.2).
      answers: [200, 400, 401],
      secrets: [...Object.values(fields), ...(secret === undefined ? [] : [secret])].filter((text) => text.length > 8),
    },
    signal,
  );
}

/** An address that is in the document. What is sent there proves who logs in: an outside issuer may not lead it inward. */
function endpointIn(document: Readonly<Record<string, unknown>>, field: string, issuer: URL): string {
  const value = document[field];
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw protocolError(name, `it does not say its ${field}`);
  if (leadsInward(issuer, url)) throw protocolError(name, `its ${field} leads into this machine, to ${url.host}`);
  if (issuer.protocol === 'https:' && url.protocol === 'http:') {
    throw protocolError(name, `its ${field} leads from https to http`);
  }
  return url.href;
}
