import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { instantClock } from '../../../../testing/registry/instant-clock.ts';
import { listen } from '../../../../testing/registry/listen.ts';
import type { Network } from '../../../net/network.ts';
import { openNetwork } from '../../../net/open-network.ts';
import { openRedirectListener } from '../../../net/redirect-listener.ts';
import { type Browser, browserToken } from './browser-flow.ts';
import { deviceToken, type DevicePrompt } from './device-flow.ts';
import { discoverIssuer, exchangeGrant } from './issuer.ts';

/** Plays an issuer: what each path answers. */
type Routes = Readonly<Record<string, (form: URLSearchParams, request: IncomingMessage) => readonly [number, unknown]>>;

async function startIssuer(routes: Routes, document: Record<string, unknown> = {}) {
  let base = '';
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const discovery = {
      issuer: base,
      authorization_endpoint: `${base}/auth`,
      token_endpoint: `${base}/token`,
      device_authorization_endpoint: `${base}/device`,
      ...document,
    };
    const route = routes[path];
    const [status, body] =
      path === '/.well-known/openid-configuration'
        ? [200, discovery]
        : (route?.(new URLSearchParams(Buffer.concat(chunks).toString()), request) ?? [404, {}]);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const listening = await listen((request, response) => void answer(request, response));
  base = listening.url;
  return listening;
}

const client = { id: 'sigstore' };
const jwt = (claims: unknown): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

test('discoverIssuer() takes no issuer for another', async () => {
  const network = openNetwork();
  await using server = await startIssuer({});
  const issuer = await discoverIssuer(network, `${server.url}/`);
  assert.deepEqual(issuer, {
    url: server.url,
    authorizationEndpoint: `${server.url}/auth`,
    tokenEndpoint: `${server.url}/token`,
    deviceEndpoint: `${server.url}/device`,
  });
  await using liar = await startIssuer({}, { issuer: 'https://accounts.example.com' });
  await assert.rejects(discoverIssuer(network, liar.url), { code: 'SERVICE_PROTOCOL' });
  await using strange = await startIssuer({}, { token_endpoint: 'file:///etc/passwd' });
  await assert.rejects(discoverIssuer(network, strange.url), { code: 'SERVICE_PROTOCOL' });
});

test('exchangeGrant() proves who asks with the secret, where there is one', async () => {
  const network = openNetwork();
  await using server = await startIssuer({
    '/token': (form, request) => {
      const basic = `Basic ${Buffer.from('a%3Ab:s3cret%2F').toString('base64')}`;
      if (request.headers.authorization === basic && form.get('client_id') === null) return [200, { id_token: 'T' }];
      return form.get('client_id') === 'sigstore' ? [400, { error: 'invalid_grant' }] : [500, {}];
    },
  });
  const issuer = await discoverIssuer(network, server.url);
  const grant = { grant_type: 'client_credentials' };
  assert.deepEqual(await exchangeGrant(network, issuer, { id: 'a:b', secret: 's3cret/' }, grant), { token: 'T' });
  assert.deepEqual(await exchangeGrant(network, issuer, client, grant), { error: 'invalid_grant' });
});

/** A person at another device, who enters the code after so many questions. */
function deviceRoutes(answers: (readonly [number, unknown])[]): Routes {
  return {
    '/device': (form) =>
      form.get('scope') === 'openid email' && form.get('client_id') === 'sigstore'
        ? [
            200,
            {
              device_code: 'D'.repeat(20),
              user_code: 'ABCD',
              verification_uri: 'https://v',
              interval: 3,
              expires_in: 60,
            },
          ]
        : [400, { error: 'x' }],
    '/token': (form) =>
      form.get('device_code') === 'D'.repeat(20) &&
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:device_code'
        ? (answers.shift() ?? [400, { error: 'authorization_pending' }])
        : [400, { error: 'invalid_grant' }],
  };
}

async function logInOnDevice(
  answers: (readonly [number, unknown])[],
): Promise<{ readonly token: Promise<string>; readonly pauses: number[]; readonly prompts: DevicePrompt[] }> {
  const clock = instantClock();
  const network: Network = openNetwork({ clock });
  const server = await startIssuer(deviceRoutes(answers));
  const issuer = await discoverIssuer(network, server.url);
  const prompts: DevicePrompt[] = [];
  const logIn = async (): Promise<string> => {
    await using _server = server;
    return await deviceToken(network, issuer, client, async (prompt) => void prompts.push(prompt));
  };
  const token = logIn();
  return { token, pauses: clock.pauses, prompts };
}

test('deviceToken() waits for the code, and slows down when it is told to', async () => {
  const pending = [400, { error: 'authorization_pending' }] as const;
  const { token, pauses, prompts } = await logInOnDevice([
    pending,
    [400, { error: 'slow_down' }],
    pending,
    [200, { id_token: 'T' }],
  ]);
  assert.equal(await token, 'T');
  assert.deepEqual(pauses, [3000, 3000, 8000, 8000]);
  assert.deepEqual(prompts, [{ url: 'https://v', code: 'ABCD' }]);
});

test('deviceToken() ends when the login is refused, or nobody comes', async () => {
  const refused = await logInOnDevice([[400, { error: 'access_denied' }]]);
  await assert.rejects(refused.token, /refused \(access_denied\)/);
  const alone = await logInOnDevice([]);
  await assert.rejects(alone.token, { code: 'IDENTITY_TOKEN_UNAVAILABLE' });
  assert.equal(alone.pauses.length, 20);
});

/** An issuer that logs everybody in, and a browser that follows it back to the listener. */
async function logInWithBrowser(spoil: { readonly state?: string; readonly nonce?: string; readonly error?: string }) {
  const network = openNetwork();
  let challenge = '';
  let nonce = '';
  await using server = await startIssuer({
    '/token': (form) => {
      const proof = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      return form.get('code') === 'C' && proof === challenge
        ? [200, { id_token: jwt({ nonce: spoil.nonce ?? nonce }) }]
        : [400, { error: 'invalid_grant' }];
    },
  });
  await using listener = await openRedirectListener('/auth/callback', 0);
  const browser: Browser = {
    redirectUrl: listener.url,
    visit: async (address) => {
      const asked = new URL(address).searchParams;
      assert.equal(asked.get('code_challenge_method'), 'S256');
      challenge = asked.get('code_challenge') ?? '';
      nonce = asked.get('nonce') ?? '';
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.hostname = '127.0.0.1';
      back.searchParams.set('state', spoil.state ?? asked.get('state') ?? '');
      if (spoil.error === undefined) back.searchParams.set('code', 'C');
      else back.searchParams.set('error', spoil.error);
      const stray = await network.request({ url: new URL('/favicon.ico', back) });
      stray.discard();
      assert.equal(stray.status, 404);
      const page = await network.request({ url: back });
      page.discard();
      return listener.arrived;
    },
  };
  const issuer = await discoverIssuer(network, server.url);
  return await browserToken(network, issuer, client, browser);
}

test('browserToken() follows the authorization code flow with a proof key', async () => {
  assert.match(await logInWithBrowser({}), /^e30\./);
});

test('browserToken() takes no answer to another question', async () => {
  await assert.rejects(logInWithBrowser({ state: 'other' }), /another login/);
  await assert.rejects(logInWithBrowser({ nonce: 'other' }), /another login/);
  await assert.rejects(logInWithBrowser({ error: 'access_denied' }), /refused \(access_denied\)/);
});

test('openRedirectListener() ends with its signal', async () => {
  const controller = new AbortController();
  await using listener = await openRedirectListener('/x', 0, controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(listener.arrived, /enough/);
});
