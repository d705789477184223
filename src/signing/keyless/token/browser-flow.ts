import { createHash, randomBytes } from 'node:crypto';
import type { Network } from '../../../net/network.ts';
import { SigningError } from '../../error.ts';
import { exchangeGrant, type Issuer, type IssuerClient } from './issuer.ts';

/** How a browser is sent to an address and what it comes back with is waited for. */
export interface Browser {
  /** Where it is to come back to. */
  readonly redirectUrl: string;
  /** Opens the address, and settles with the query of the return. */
  readonly visit: (url: string, signal?: AbortSignal) => Promise<URLSearchParams>;
}

/**
 * Logs a person in with a browser: the authorization code flow with a proof key (RFC 6749, 4.1; RFC 7636), as RFC 8252 has
 * it for programs on a desk.
 *
 * @throws SigningError IDENTITY_TOKEN_UNAVAILABLE
 */
export async function browserToken(
  network: Network,
  issuer: Issuer,
  client: IssuerClient,
  browser: Browser,
  signal?: AbortSignal,
): Promise<string> {
  const [state, nonce, verifier] = [random(), random(), random()];
  const url = new URL(issuer.authorizationEndpoint);
  const parameters = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: browser.redirectUrl,
    scope: 'openid email',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    access_type: 'online',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const answer = await browser.visit(url.href, signal);
  const error = answer.get('error');
  if (error !== null) throw unavailable(`the login was refused (${error.slice(0, 100)})`);
  const code = answer.get('code');
  // Whoever answers without the state did not follow our question (RFC 6749, 10.12).
  if (code === null || answer.get('state') !== state) throw unavailable('the browser came back from another login');
  const grant = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: browser.redirectUrl,
    code_verifier: verifier,
  };
  const result = await exchangeGrant(network, issuer, client, grant, signal);
  if ('error' in result) throw unavailable(`the login was refused (${result.error})`);
  checkNonce(result.token, nonce);
  return result.token;
}

/** OpenID Connect Core 1.0, 3.1.3.7, number 11. */
function checkNonce(token: string, nonce: string): void {
  const payload = token.split('.', 3)[1] ?? '';
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { readonly nonce?: unknown };
    if (claims.nonce === nonce) return;
  } catch {
    // Said below.
  }
  throw unavailable('the token is of another login');
}

function random(): string {
  return randomBytes(32).toString('base64url');
}

function unavailable(why: string): SigningError {
  return new SigningError('IDENTITY_TOKEN_UNAVAILABLE', `No identity token: ${why}; try again`);
}
