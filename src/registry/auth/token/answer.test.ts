import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BenchUser, benchGrants, formType, tokenBench } from '../../../../testing/registry-auth/token-bench.ts';
import { readUnverified } from '../jwt/read-unverified.ts';
import { allowedActions } from '../permission.ts';
import type { TokenAnswer } from './answer.ts';
import { tokenLimits } from './limits.ts';

const scope = 'service=reg.example.com&scope=repository:team/app:pull,push,delete';

test('GET gives a token of what is granted', async () => {
  const { get, use } = tokenBench();
  const answer = await get(`${scope}&account=alice&client_id=docker`, 'alice:secret');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const { token, access_token: same, expires_in: seconds, issued_at: issued } = answer.body;
  assert.deepEqual([same, seconds, issued], [token, 300, '2026-06-15T12:00:00.000Z']);
  assert.equal('refresh_token' in answer.body, false);
  const { header, claims } = readUnverified(String(token)) ?? { header: {}, claims: {} };
  assert.deepEqual([header['alg'], header['typ']], ['ES256', 'JWT']);
  const start = Date.UTC(2026, 5, 15, 12) / 1000;
  assert.match(String(claims['jti']), /^[\da-f-]{36}$/);
  assert.deepEqual(
    { ...claims, jti: '' },
    {
      iss: 'reg-tokens',
      sub: 'user:alice',
      aud: 'reg.example.com',
      iat: start,
      nbf: start,
      exp: start + 300,
      jti: '',
      access: [{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }],
      who: { kind: 'user', name: 'alice', source: 'table', credential: '6' },
    },
  );
  assert.equal(await use(token), 'user:alice dev repository:team/app:pull,push');
});

test('strangers get tokens for what anybody may do, and no refresh tokens', async () => {
  const { get, use } = tokenBench();
  const answer = await get('scope=repository:public/app:pull,push&scope=repository:team/app:pull&offline_token=true');
  assert.equal(answer.status, 200);
  assert.equal('refresh_token' in answer.body, false);
  assert.equal(await use(answer.body['token']), 'anonymous repository:public/app:pull');
  assert.equal(await use((await get('')).body['token']), 'anonymous');
});

test('POST gives a token for a password, and for a refresh token', async () => {
  const { post, use } = tokenBench();
  const form = { grant_type: 'password', username: 'alice', password: 'secret', client_id: 'containerd-client' };
  const scopes = { service: 'reg.example.com', scope: 'repository:team/app:pull repository:team/b:push' };
  const answer = await post({ ...form, ...scopes, access_type: 'offline' });
  assert.equal(answer.status, 200);
  const expected = 'user:alice dev repository:team/app:pull repository:team/b:push';
  assert.equal(await use(answer.body['access_token']), expected);
  const refresh = String(answer.body['refresh_token']);
  const again = await post({ grant_type: 'refresh_token', refresh_token: refresh, client_id: 'docker', ...scopes });
  assert.equal(await use(again.body['access_token']), expected);
  assert.equal('refresh_token' in again.body, false);
  // Neither is good in the other's place.
  assert.equal(await use(refresh), 'refused');
  const wrong = await post({ grant_type: 'refresh_token', refresh_token: String(answer.body['access_token']) });
  assert.equal(wrong.status, 401);
});

test('a refresh token is for users, where it is wanted and not switched off', async () => {
  const { get } = tokenBench();
  const has = async (answer: Promise<TokenAnswer>): Promise<boolean> => 'refresh_token' in (await answer).body;
  assert.equal(await has(get('offline_token=true', 'alice:secret')), true);
  assert.equal(await has(get('offline_token=false', 'alice:secret')), false);
  assert.equal(await has(get('offline_token=true', 'ci:robot')), false);
  assert.equal(await has(get('offline_token=true', 'job:jwt')), false);
  assert.equal(await has(tokenBench({ refreshSeconds: 0 }).get('offline_token=true', 'alice:secret')), false);
});

test('a refresh token ends with its time, its user and the password', async () => {
  const { get, post, users, state } = tokenBench();
  const refresh = String((await get('offline_token=true', 'alice:secret')).body['refresh_token']);
  const status = async (): Promise<number> =>
    (await post({ grant_type: 'refresh_token', refresh_token: refresh })).status;
  assert.equal(await status(), 200);
  const alice = users.get('alice') as BenchUser;
  users.delete('alice');
  assert.equal(await status(), 401);
  users.set('alice', { ...alice, password: 'changed' });
  assert.equal(await status(), 401);
  users.set('alice', alice);
  state.down = true;
  assert.equal(await status(), 503);
  state.down = false;
  state.time += tokenLimits.refreshSeconds * 1000 + 60_000;
  assert.equal(await status(), 401);
});

test('groups, users and passwords count as they are at each request (CVE-2025-23208)', async () => {
  const { get, use, users, state, tokens } = tokenBench();
  const { token } = (await get(scope, 'alice:secret')).body;
  const alice = users.get('alice') as BenchUser;
  const may = async (): Promise<readonly string[]> => {
    const identity = await tokens.authenticate({ kind: 'bearer', token: String(token) }, {});
    return identity === undefined ? ['refused'] : allowedActions(benchGrants, identity, 'team/app');
  };
  assert.deepEqual(await may(), ['pull', 'push']);
  users.set('alice', { ...alice, groups: [] });
  assert.deepEqual(await may(), []);
  users.set('alice', { ...alice, groups: ['dev', 'more'] });
  assert.equal(await use(token), 'user:alice dev more repository:team/app:pull,push');
  users.delete('alice');
  assert.deepEqual(await may(), ['refused']);
  users.set('alice', { ...alice, password: 'changed' });
  assert.deepEqual(await may(), ['refused']);
  users.set('alice', alice);
  state.down = true;
  assert.equal(await use(token), 'AUTH_UNAVAILABLE');
});

test('who cannot be asked again is carried in the token, and it ends with the proof', async () => {
  const { get, use, state } = tokenBench();
  const { body } = await get(scope, 'job:jwt');
  assert.equal(body['expires_in'], 120);
  assert.equal(await use(body['token']), 'workload:job dev repository:team/app:pull,push');
  state.time += 180_000;
  assert.equal(await use(body['token']), 'refused');
});

test('a token ends, also one that was seen before', async () => {
  const { get, use, state } = tokenBench();
  const { token } = (await get(scope, 'alice:secret')).body;
  assert.match(await use(token), /^user:alice/);
  state.time += 300_000 + 59_000;
  assert.match(await use(token), /^user:alice/);
  state.time += 1000;
  assert.equal(await use(token), 'refused');
});

test('a token gives no further token', async () => {
  const { get, ask } = tokenBench();
  const { token } = (await get(scope, 'alice:secret')).body;
  const query = new URLSearchParams('offline_token=true');
  assert.equal((await ask({ query, authorization: `Bearer ${String(token)}` })).status, 401);
});

test('what is wrong is told as OAuth and as registries tell it', async () => {
  const { get, post, ask, state } = tokenBench();
  const cases: readonly (readonly [answer: Promise<TokenAnswer>, status: number, error: string])[] = [
    [get(scope, 'alice:wrong'), 401, 'invalid_grant'],
    [get(scope, 'nobody:secret'), 401, 'invalid_grant'],
    [post({ grant_type: 'password', username: 'alice', password: 'wrong' }), 401, 'invalid_grant'],
    [post({ grant_type: 'password', username: 'alice', password: '' }), 401, 'invalid_grant'],
    [post({ grant_type: 'refresh_token', refresh_token: 'x.y.z' }), 401, 'invalid_grant'],
    [get('service=another', 'alice:secret'), 400, 'invalid_request'],
    [get('service=a&service=reg.example.com'), 400, 'invalid_request'],
    [get(`scope=${'x'.repeat(5000)}`), 400, 'invalid_scope'],
    [get(Array.from({ length: 101 }, (_, index) => `f${index}=`).join('&')), 400, 'invalid_request'],
    [ask({ authorization: 'Nonsense' }), 400, 'invalid_request'],
    [ask({ method: 'POST', contentType: 'application/json', body: '{}' }), 400, 'invalid_request'],
    [ask({ method: 'POST', contentType: undefined, body: '' }), 400, 'invalid_request'],
    [ask({ method: 'POST', contentType: formType, body: 'x'.repeat(40_000) }), 400, 'invalid_request'],
    [ask({ method: 'DELETE' }), 405, 'invalid_request'],
    [post({}), 400, 'invalid_request'],
    [post({ grant_type: 'client_credentials' }), 400, 'unsupported_grant_type'],
    [post({ grant_type: 'password', username: 'alice' }), 400, 'invalid_request'],
    [post({ grant_type: 'password', username: 'a:b', password: 'x' }), 400, 'invalid_request'],
    [post({ grant_type: 'refresh_token' }), 400, 'invalid_request'],
    [
      ask({ method: 'POST', contentType: formType, body: 'grant_type=password&grant_type=refresh_token' }),
      400,
      'invalid_request',
    ],
  ];
  for (const [answer, status, error] of cases) {
    const { status: got, body, headers } = await answer;
    assert.deepEqual([got, body['error'], headers['cache-control']], [status, error, 'no-store']);
    assert.equal((body['errors'] as readonly unknown[]).length, 1);
    assert.equal('www-authenticate' in headers, status === 401);
    assert.equal('token' in body, false);
    assert.doesNotMatch(JSON.stringify(body), /secret/);
  }
  state.down = true;
  const down = await get(scope, 'alice:secret');
  assert.deepEqual([down.status, down.headers['retry-after']], [503, '5']);
  assert.doesNotMatch(JSON.stringify(down.body), /ldap\.internal/);
  assert.match(down.error?.message ?? '', /ldap\.internal/);
});
