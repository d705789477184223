import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jwtMaker } from '../../../../testing/registry-auth/jwt-maker.ts';
import { formatAccess } from '../access.ts';
import { isRegistryAuthError } from '../error.ts';
import { formatIdentity } from '../identity.ts';
import { allowedActions, compileGrants, isInCatalog } from '../permission.ts';
import { ExternalTokenAuthenticator, type ExternalTokenSettings } from './authenticator.ts';

const now = Date.UTC(2026, 5, 15, 12);
const maker = jwtMaker('auth.example.com', now);
const stranger = jwtMaker('auth.example.com', now);
const grants = compileGrants([{ repositories: ['team/**'], actions: ['pull'], to: ['user:alice'] }]);
const access = [
  { type: 'repository', name: 'team/app', actions: ['pull', 'push'] },
  { type: 'repository', name: 'free', actions: ['*'] },
];
const claims = { sub: 'alice', aud: 'reg', access };

function bench(more: Partial<ExternalTokenSettings> = {}) {
  const clock = { time: now };
  const authenticator = new ExternalTokenAuthenticator(
    { issuer: maker.issuer, service: 'reg', algorithms: ['ES256'], keys: maker.keys, decides: 'token', ...more },
    { now: () => clock.time },
  );
  return { clock, authenticator, use: (token: string) => authenticator.authenticate({ kind: 'bearer', token }, {}) };
}

test('an external token grants what it names, or only narrows', async () => {
  const token = await maker.token(claims);
  const decided = await bench().use(token);
  assert.ok(decided);
  assert.equal(formatIdentity(decided), 'user:alice');
  assert.deepEqual(allowedActions(grants, decided, 'team/app'), ['pull', 'push', 'list'].slice(0, 2));
  assert.deepEqual(allowedActions(grants, decided, 'free'), ['pull', 'push', 'delete', 'list']);
  assert.deepEqual(allowedActions(grants, decided, 'team/other'), []);
  const narrowed = await bench({ decides: 'grants' }).use(token);
  assert.ok(narrowed);
  assert.deepEqual(allowedActions(grants, narrowed, 'team/app'), ['pull']);
  assert.deepEqual(allowedActions(grants, narrowed, 'free'), []);
  assert.equal(isInCatalog(grants, narrowed, 'team/app'), false);
});

test('a token for nobody is one for strangers', async () => {
  const identity = await bench().use(await maker.token({ ...claims, sub: '' }));
  assert.ok(identity);
  assert.equal(formatIdentity(identity), 'anonymous');
  assert.deepEqual(allowedActions(grants, identity, 'team/app'), ['pull', 'push']);
  assert.equal((await bench().use(await maker.token({ ...claims, sub: undefined })))?.kind, 'anonymous');
});

test('names in a token are names, and no patterns', async () => {
  for (const name of ['**', '*', 'team/*', 'team/{app,b}', '[a-z]*', '../x', 'Team/App']) {
    const entry = { type: 'repository', name, actions: ['pull'] };
    const identity = await bench().use(await maker.token({ ...claims, access: [entry] }));
    assert.deepEqual([identity?.limitedTo, identity?.grants], [[], []], name);
  }
});

test('a token ends, also one that was seen before', async () => {
  const { clock, use } = bench();
  const token = await maker.token(claims);
  assert.equal((await use(token))?.expires, now + 300_000);
  clock.time = now + 359_000;
  assert.ok(await use(token));
  clock.time = now + 360_000;
  assert.equal(await use(token), undefined);
});

test('tokens that are not of that service for this registry are refused', async () => {
  const { use, authenticator } = bench();
  const bad = [
    await stranger.token(claims),
    await maker.token({ ...claims, aud: 'other' }),
    await maker.token({ ...claims, iss: 'auth.example.org' }),
    await maker.token({ ...claims, sub: 7 }),
    await maker.token({ ...claims, sub: 'a\nb' }),
    await maker.token({ ...claims, access: {} }),
    await maker.token({ ...claims, exp: now / 1000 - 60 }),
    await maker.token(claims, { kid: 'two' }),
    await maker.token(claims, { kid: 'two', jwk: stranger.publicKey.export({ format: 'jwk' }) }),
    'x',
  ];
  for (const token of bad) assert.equal(await use(token), undefined);
  assert.equal(
    await authenticator.authenticate({ kind: 'basic', user: 'alice', password: await maker.token(claims) }, {}),
    undefined,
  );
});

test('it takes the tokens of its issuer for itself', async () => {
  const { authenticator } = bench();
  const fit = (token: string): string => authenticator.fits({ kind: 'bearer', token });
  assert.equal(fit(await maker.token(claims)), 'alone');
  assert.equal(fit(await maker.token({ ...claims, iss: 'x' })), 'no');
  assert.equal(fit('opaque'), 'no');
  assert.equal(authenticator.fits({ kind: 'none' }), 'no');
  const identity = await authenticator.authenticate({ kind: 'bearer', token: await maker.token(claims) }, {});
  assert.deepEqual(identity?.limitedTo?.map(formatAccess), [
    'repository:team/app:pull,push',
    'repository:free:pull,push,delete,list',
  ]);
});

test('settings that take everything are refused', () => {
  for (const more of [{ issuer: '' }, { service: '' }, { algorithms: [] }]) {
    assert.throws(
      () => bench(more),
      (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID'),
    );
  }
});
