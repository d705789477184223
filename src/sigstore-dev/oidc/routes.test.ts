import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { startTestSigstore } from '../../../testing/sigstore.ts';
import { issuerKinds, issuerTable } from './issuer-kind.ts';
import { readClaims } from './jwt.ts';

// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

async function get(url: string, init?: RequestInit): Promise<Json> {
  return (await fetch(url, init)).json();
}

function form(url: string, fields: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
}

/** Verifies a token by the issuer's own documents alone, as a relying party does. */
async function verified(issuer: string, token: string): Promise<Json> {
  const { jwks_uri: keysUrl, issuer: name } = await get(`${issuer}/.well-known/openid-configuration`);
  assert.equal(name, issuer);
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const { kid, alg } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const jwk = (await get(keysUrl)).keys.find((key: Json) => key.kid === kid && key.alg === alg);
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')));
  return readClaims(token);
}

test('every issuer gives tokens that its own documents verify', async () => {
  await using sigstore = await startTestSigstore();
  for (const kind of issuerKinds) {
    const issuer = `${sigstore.url}${issuerTable[kind].path}`;
    assert.equal(sigstore.issuers[kind], issuer);
    const token = await (await fetch(`${sigstore.url}/token?issuer=${kind}`)).text();
    const claims = await verified(issuer, token);
    assert.deepEqual([claims.iss, claims.aud, claims.exp - claims.iat], [issuer, 'sigstore', 600]);
    assert.ok(typeof claims.sub === 'string' && claims.sub !== '');
  }
  const named = await (await fetch(`${sigstore.url}/token?sub=me&email=me@example.org&aud=other&team=x`)).text();
  const { sub, email, aud, team } = await verified(sigstore.issuers.email, named);
  assert.deepEqual([sub, email, aud, team], ['me', 'me@example.org', 'other', 'x']);
  assert.equal((await fetch(`${sigstore.url}/token?issuer=nobody`)).status, 400);
});

const verifier = 'v'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');
const begin = {
  response_type: 'code',
  client_id: 'sigstore',
  scope: 'openid email',
  state: 'state-1',
  nonce: 'nonce-1',
  redirect_uri: 'http://localhost:1/auth/callback',
  code_challenge: challenge,
  code_challenge_method: 'S256',
};

test('a login in the browser ends where it began, with a code that works once', async () => {
  await using sigstore = await startTestSigstore();
  const { authorization_endpoint: page, token_endpoint: exchange } = await get(
    `${sigstore.url}/oidc/.well-known/openid-configuration`,
  );
  const login = async (changes: Record<string, string> = {}): Promise<Response> =>
    fetch(`${page}?${new URLSearchParams({ ...begin, ...changes }).toString()}`, { redirect: 'manual' });
  const codeOf = async (): Promise<string> => {
    const target = new URL((await login()).headers.get('location') as string);
    assert.equal(target.origin + target.pathname, begin.redirect_uri);
    assert.equal(target.searchParams.get('state'), 'state-1');
    return target.searchParams.get('code') as string;
  };
  const rest = { grant_type: 'authorization_code', redirect_uri: begin.redirect_uri, code_verifier: verifier };
  const code = await codeOf();
  const response = await form(exchange, { ...rest, code });
  const answer = (await response.json()) as Json;
  const claims = await verified(sigstore.issuers.email, answer.id_token);
  assert.deepEqual([claims.nonce, claims.aud, claims.email], ['nonce-1', 'sigstore', 'dev@example.com']);
  const half = createHash('sha256').update(answer.access_token).digest().subarray(0, 16).toString('base64url');
  assert.equal(claims.at_hash, half);
  assert.equal((await form(exchange, { ...rest, code })).status, 400);

  const wrong: Record<string, string>[] = [{ code_verifier: 'w'.repeat(43) }, { redirect_uri: 'http://localhost:2/' }];
  for (const changes of wrong) {
    const refused = await form(exchange, { ...rest, code: await codeOf(), ...changes });
    assert.equal(refused.status, 400, JSON.stringify(changes));
    assert.equal(((await refused.json()) as Json).error, 'invalid_request');
  }
  const noVerifier = { grant_type: 'authorization_code', redirect_uri: begin.redirect_uri, code: await codeOf() };
  assert.equal((await form(exchange, noVerifier)).status, 400);
  assert.equal((await form(exchange, { grant_type: 'password' })).status, 400);
  for (const changes of [
    { redirect_uri: 'https://example.com/' },
    { redirect_uri: 'http://localhost.example.com/' },
    { redirect_uri: 'javascript:alert(1)' },
    { redirect_uri: 'ftp://localhost/' },
    { redirect_uri: 'nothing' },
    { response_type: 'token' },
    { code_challenge_method: 'plain' },
  ]) {
    assert.equal((await login(changes as Record<string, string>)).status, 400, JSON.stringify(changes));
  }
});

test('a login without a browser shows its code on a page, for whom the login names', async () => {
  await using sigstore = await startTestSigstore();
  const outOfBand = 'urn:ietf:wg:oauth:2.0:oob';
  const query = new URLSearchParams({ ...begin, redirect_uri: outOfBand, login_hint: 'mate@example.com' });
  const page = await (await fetch(`${sigstore.url}/oidc/auth?${query.toString()}`)).text();
  const code = /<code>([\w-]+)<\/code>/.exec(page)?.[1] as string;
  const rest = { grant_type: 'authorization_code', redirect_uri: outOfBand, code_verifier: verifier };
  const answer = (await (await form(`${sigstore.url}/oidc/token`, { ...rest, code })).json()) as Json;
  const claims = await verified(sigstore.issuers.email, answer.id_token);
  assert.equal(claims.email, 'mate@example.com');
});

test('a device waits until its page is opened', async () => {
  await using sigstore = await startTestSigstore({ approveDevices: false });
  const asked = { client_id: 'sigstore', code_challenge: challenge, code_challenge_method: 'S256' };
  const device = (await (await form(`${sigstore.url}/oidc/device/code`, asked)).json()) as Json;
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  const poll = async (): Promise<Json> => {
    const fields = { grant_type, device_code: device.device_code, code_verifier: verifier };
    return (await form(`${sigstore.url}/oidc/token`, fields)).json();
  };
  assert.equal((await poll()).error, 'authorization_pending');
  assert.equal((await fetch(`${sigstore.url}/oidc/device?user_code=0000-0000`)).status, 404);
  assert.match(await (await fetch(device.verification_uri_complete)).text(), /dev@example\.com/);
  const claims = await verified(sigstore.issuers.email, (await poll()).id_token);
  assert.equal(claims.email, 'dev@example.com');
  assert.equal((await poll()).error, 'expired_token');
});

test('builds get their tokens where runners and agents have them', async () => {
  await using sigstore = await startTestSigstore();
  const runner = `${sigstore.url}/oidc/github/actions-token?audience=sigstore`;
  assert.equal((await fetch(runner)).status, 401);
  const { value } = await get(runner, { headers: { authorization: 'Bearer secret' } });
  const github = await verified(sigstore.issuers.github, value);
  assert.deepEqual([github.aud, github.repository], ['sigstore', 'example/app']);
  const agent = `${sigstore.url}/oidc/buildkite/jobs/1/oidc/tokens`;
  const body = JSON.stringify({ audience: 'sigstore' });
  const { token } = await get(agent, { method: 'POST', body, headers: { authorization: 'Token secret' } });
  assert.equal((await verified(sigstore.issuers.buildkite, token)).pipeline_slug, 'app');
});
