import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import type { Network } from '../../net/network.ts';
import { openRedirectListener } from '../../net/redirect-listener.ts';
import { SigningError } from '../../signing/error.ts';
import { signingLimits } from '../../signing/limits.ts';
import { type IdentityToken, parseIdentityToken } from '../../signing/keyless/token/identity-token.ts';
import { ambientToken } from '../../signing/keyless/token/list.ts';
import type { TokenSurroundings } from '../../signing/keyless/token/source.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { readInput } from './read-input.ts';

/** How long a person may take in a browser, in milliseconds. */
const browserMs = 300_000;

/**
 * The token that says who signs: what the user names, what a CI system or cloud offers, or what a person gets by logging in.
 *
 * @throws SigningError IDENTITY_TOKEN_UNAVAILABLE, IDENTITY_TOKEN_INVALID
 */
export async function identityTokenOf(
  settings: Settings,
  host: Host,
  network: Network,
  issuerUrl: string | undefined,
  signal: AbortSignal,
): Promise<IdentityToken> {
  const text =
    (await namedToken(settings, host)) ??
    (await foundToken(settings, host, network, signal)) ??
    (await logIn(settings, host, network, issuerUrl, signal));
  return parseIdentityToken(text, host.now());
}

/** A token, or a file that holds one: tokens have no slash before their first point. */
async function namedToken({ identityToken }: Settings, host: Host): Promise<string | undefined> {
  if (identityToken === undefined) return undefined;
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(identityToken.trim())) return identityToken;
  return (await readInput(identityToken, signingLimits.tokenBytes, '--identity-token', host)).toString('utf8');
}

async function foundToken(
  { oidcDisableAmbientProviders, oidcProvider, oidcClientId, fulcioAuthFlow }: Settings,
  host: Host,
  network: Network,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (oidcDisableAmbientProviders || (fulcioAuthFlow !== undefined && fulcioAuthFlow !== 'token')) return undefined;
  const surroundings: TokenSurroundings = {
    env: host.env,
    network,
    readText: (path) => readFile(path, 'utf8').catch(() => undefined),
    hasSocket: (path) =>
      stat(path).then(
        (status) => status.isSocket(),
        () => false,
      ),
    audience: oidcClientId,
  };
  return ambientToken(surroundings, oidcProvider, signal);
}

async function logIn(
  settings: Settings,
  host: Host,
  network: Network,
  issuerUrl: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { fulcioAuthFlow, oidcClientId, oidcClientSecretFile, oidcRedirectUrl } = settings;
  const flow = fulcioAuthFlow ?? (host.ask === undefined ? undefined : 'normal');
  if (flow === undefined || flow === 'token') {
    const message =
      'There is no identity token, and nobody to log in; set SIGSTORE_ID_TOKEN, or add --identity-token FILE or --fulcio-auth-flow device';
    throw new SigningError('IDENTITY_TOKEN_UNAVAILABLE', message);
  }
  if (issuerUrl === undefined) {
    throw new ConfigError('SETTING_INVALID', 'Nothing says where to log in; add --oidc-issuer URL');
  }
  const { discoverIssuer, exchangeGrant } = await import('../../signing/keyless/token/issuer.ts');
  const issuer = await discoverIssuer(network, issuerUrl, signal);
  const secret =
    oidcClientSecretFile === undefined
      ? undefined
      : (await readInput(oidcClientSecretFile, signingLimits.keyBytes, '--oidc-client-secret-file', host))
          .toString()
          .trim();
  const client = { id: oidcClientId, ...(secret === undefined ? {} : { secret }) };
  if (flow === 'client_credentials') {
    const result = await exchangeGrant(network, issuer, client, { grant_type: flow, scope: 'openid' }, signal);
    if ('token' in result) return result.token;
    throw new SigningError('IDENTITY_TOKEN_UNAVAILABLE', `The identity provider refused the client (${result.error})`);
  }
  if (flow === 'device') {
    const { deviceToken } = await import('../../signing/keyless/token/device-flow.ts');
    return deviceToken(
      network,
      issuer,
      client,
      ({ url, code }) => host.stderr.write(`Open ${url} in a browser and enter the code ${code}\n`),
      signal,
    );
  }
  const { browserToken } = await import('../../signing/keyless/token/browser-flow.ts');
  const limited = AbortSignal.any([signal, AbortSignal.timeout(browserMs)]);
  const { path, port } = redirectOf(oidcRedirectUrl);
  await using listener = await openRedirectListener(path, port, limited);
  const visit = async (address: string): Promise<URLSearchParams> => {
    await host.stderr.write(`A browser opens for you to log in. If it does not, open\n  ${address}\n`);
    openBrowser(address);
    return listener.arrived;
  };
  return await browserToken(network, issuer, client, { redirectUrl: listener.url, visit }, limited);
}

/** Issuers that compare whole addresses need one that they know; then its port must be free. */
function redirectOf(text: string | undefined): { readonly path: string; readonly port: number } {
  const usual = { path: '/auth/callback', port: 0 };
  if (text === undefined) return usual;
  const url = URL.parse(text);
  const local = url !== null && url.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname);
  if (!local) {
    const message = `--oidc-redirect-url must be an address of this machine such as http://localhost:8080/auth/callback`;
    throw new ConfigError('SETTING_INVALID', message);
  }
  return { path: url.pathname, port: url.port === '' ? 80 : Number(url.port) };
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Where there is no browser, the address was printed. */
function openBrowser(address: string): void {
  const [program = 'xdg-open', ...args] = openers[process.platform] ?? [];
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
