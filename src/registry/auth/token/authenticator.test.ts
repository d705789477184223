import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { benchGrants, tokenBench } from '../../../../testing/registry-auth/token-bench.ts';
import { parseScopes } from '../access.ts';
import { isRegistryAuthError } from '../error.ts';
import { readUnverified } from '../jwt/read-unverified.ts';
import { allowedActions } from '../permission.ts';
import { makeTokenKey, prepareTokenKeys } from './keys.ts';
import { tokenLimits } from './limits.ts';

const scope = 'service=reg.example.com&scope=repository:team/app:pull,push,delete';

test('tokens that others made are refused', async (t) => {
  const { get, use, settings } = tokenBench();
  const good = readUnverified(String((await get(scope, 'alice:secret')).body['token']))?.claims ?? {};
  const { signing, id } = settings.keys;
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const make = (header: object, claims: object = {}, key: KeyObject = signing): Promise<string> =>
    new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: 'ES256', kid: id, typ: 'JWT', ...header }).sign(key);
  assert.match(await use(await make({})), /^user:alice/);
  const cases: readonly (readonly [what: string, token: Promise<string>])[] = [
    ['another key under our id', make({}, {}, foreign.privateKey)],
    [
      'a key it brings along',
      make({ kid: 'x', jwk: foreign.publicKey.export({ format: 'jwk' }) }, {}, foreign.privateKey),
    ],
    ['an unknown id', make({ kid: 'x' })],
    ['another type', make({ typ: 'refresh+jwt' })],
    ['no type', make({ typ: undefined })],
    ['another audience', make({}, { aud: 'other.example.com' })],
    ['the audience of refresh tokens', make({}, { aud: 'refresh:reg.example.com' })],
    ['another issuer', make({}, { iss: 'other' })],
    ['expired', make({}, { exp: Number(good['iat']) - 60 })],
    ['from the future', make({}, { nbf: Number(good['iat']) + 61 })],
    ['no identity', make({}, { who: undefined })],
    ['an identity of an unknown kind', make({}, { who: { kind: 'root', name: 'x', source: 'table' } })],
    ['an identity without a source', make({}, { who: { kind: 'user', name: 'alice' } })],
    ['an identity of a source that is gone', make({}, { who: { kind: 'user', name: 'alice', source: 'old' } })],
    ['an access that is no list', make({}, { access: 'repository:team/app:pull' })],
    ['an access that is too long', make({}, { access: Array.from({ length: 100 }, () => ({})) })],
  ];
  for (const [what, token] of cases) {
    await t.test(what, async () => assert.equal(await use(await token), 'refused'));
  }
  const [header, payload] = (await make({})).split('.') as [string, string];
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  const hs = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid: id })).toString('base64url');
  const pem = foreign.publicKey.export({ type: 'spki', format: 'pem' });
  const mac = createHmac('sha256', pem).update(`${hs}.${payload}`).digest('base64url');
  for (const token of [
    `${none}.${payload}.`,
    `${none}.${payload}.AA`,
    `${header}.${payload}.AA`,
    `${hs}.${payload}.${mac}`,
  ]) {
    assert.equal(await use(token), 'refused');
  }
});

test('refresh tokens have a type and an audience of their own', async () => {
  const { get, post, settings } = tokenBench();
  const refresh = String((await get('offline_token=true', 'alice:secret')).body['refresh_token']);
  const good = readUnverified(refresh)?.claims ?? {};
  const redeem = async (typ: string, aud: string, key = settings.keys.signing): Promise<number> => {
    const header = { alg: 'ES256', kid: settings.keys.id, typ };
    const token = await new SignJWT({ ...good, aud }).setProtectedHeader(header).sign(key);
    return (await post({ grant_type: 'refresh_token', refresh_token: token })).status;
  };
  assert.equal(await redeem('refresh+jwt', 'refresh:reg.example.com'), 200);
  assert.equal(await redeem('JWT', 'refresh:reg.example.com'), 401);
  assert.equal(await redeem('refresh+jwt', 'reg.example.com'), 401);
  assert.equal(await redeem('refresh+jwt', 'refresh:other.example.com'), 401);
  assert.equal(await redeem('refresh+jwt', 'refresh:reg.example.com', makeTokenKey()), 401);
});

test('an access of another type, name or action opens nothing', async () => {
  const { get, settings, tokens } = tokenBench();
  const good = readUnverified(String((await get(scope, 'alice:secret')).body['token']))?.claims ?? {};
  const may = async (access: unknown): Promise<readonly string[]> => {
    const token = await new SignJWT({ ...good, access })
      .setProtectedHeader({ alg: 'ES256', kid: settings.keys.id, typ: 'JWT' })
      .sign(settings.keys.signing);
    const identity = await tokens.authenticate({ kind: 'bearer', token }, {});
    return identity === undefined ? ['refused'] : allowedActions(benchGrants, identity, 'team/app');
  };
  const entry = { type: 'repository', name: 'team/app', actions: ['pull'] };
  assert.deepEqual(await may([entry]), ['pull']);
  assert.deepEqual(await may([{ ...entry, actions: ['*'] }]), ['pull', 'push']);
  for (const bad of [
    { ...entry, type: 'registry' },
    { ...entry, type: 'repository(plugin)' },
    { ...entry, name: 'team/*' },
    { ...entry, name: '**' },
    { ...entry, name: 'team/app2' },
    { ...entry, actions: ['fly'] },
    { ...entry, actions: 'pull' },
    { ...entry, actions: [['pull']] },
    null,
    'repository:team/app:pull',
  ]) {
    assert.deepEqual(await may([bad]), [], JSON.stringify(bad));
  }
});

test('keys can be changed while tokens are out', async () => {
  const [old, young] = [makeTokenKey(), generateKeyPairSync('ed25519').privateKey];
  const before = tokenBench({ keys: prepareTokenKeys(old) });
  const during = tokenBench({ keys: prepareTokenKeys(young, [old]) });
  const after = tokenBench({ keys: prepareTokenKeys(young) });
  const { token } = (await before.get(scope, 'alice:secret')).body;
  const { token: next } = (await during.get(scope, 'alice:secret')).body;
  assert.match(await during.use(token), /^user:alice/);
  assert.match(await after.use(next), /^user:alice/);
  assert.equal(await after.use(token), 'refused');
  assert.equal(await before.use(next), 'refused');
});

test('keys and lifetimes that cannot be used are refused', () => {
  const refused = (error: unknown): boolean => isRegistryAuthError(error, 'AUTH_SETTING_INVALID');
  const keys = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
    generateKeyPairSync('ed25519').publicKey,
  ];
  for (const key of keys) assert.throws(() => prepareTokenKeys(key), refused);
  for (const accessSeconds of [0, -1, 0.5, Number.NaN, tokenLimits.maxAccessSeconds + 1]) {
    assert.throws(() => tokenBench({ accessSeconds }), refused);
  }
});

test('a token for many long names fits into a header, or is refused', async () => {
  const { get } = tokenBench();
  const names = Array.from({ length: 32 }, (_, index) => `team/${String(index).padStart(110, 'x')}`);
  const scopes = names.map((name) => `repository:${name}:pull,push`);
  assert.equal(parseScopes(scopes.slice(0, 20)).length, 20);
  const answer = await get(
    new URLSearchParams(scopes.slice(0, 20).map((one): [string, string] => ['scope', one])).toString(),
    'alice:secret',
  );
  assert.equal(answer.status, 200);
  assert.ok(String(answer.body['token']).length <= tokenLimits.tokenLength);
  const tooLong = await get(
    new URLSearchParams(scopes.map((one): [string, string] => ['scope', one])).toString(),
    'alice:secret',
  );
  assert.deepEqual([tooLong.status, tooLong.body['error']], [400, 'invalid_scope']);
});
