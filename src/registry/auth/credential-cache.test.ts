import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { defaultGuard } from './attempt-guard.ts';
import type { Authenticator } from './authenticator.ts';
import { CredentialCache, type CredentialCacheOptions } from './credential-cache.ts';
import type { Credentials } from './credentials.ts';
import { isRegistryAuthError, RegistryAuthError } from './error.ts';
import type { Identity } from './identity.ts';

interface Bench {
  readonly cache: CredentialCache;
  readonly clock: { time: number };
  readonly inner: { asked: number; down: boolean; gate: Promise<void> | undefined; signal: AbortSignal | undefined };
  readonly expires: { value: number | undefined };
  readonly login: (password: string, user?: string, address?: string) => Promise<string>;
}

function bench(options: Partial<CredentialCacheOptions> = {}): Bench {
  const clock = { time: 1_000_000 };
  const inner: Bench['inner'] = { asked: 0, down: false, gate: undefined, signal: undefined };
  const expires: Bench['expires'] = { value: undefined };
  const authenticator: Authenticator = {
    name: 'inner',
    fits: () => 'perhaps',
    async authenticate(credentials, { signal }) {
      inner.asked += 1;
      inner.signal = signal;
      await inner.gate;
      signal?.throwIfAborted();
      if (inner.down) throw new RegistryAuthError('AUTH_UNAVAILABLE', 'It is down');
      if (credentials.kind !== 'basic' || credentials.password !== `${credentials.user}-secret`) return undefined;
      const identity: Identity = { kind: 'user', name: credentials.user, groups: [], source: 'inner' };
      return expires.value === undefined ? identity : { ...identity, expires: expires.value };
    },
  };
  const cache = new CredentialCache(authenticator, {
    clock: { now: () => clock.time, monotonic: () => clock.time },
    ...options,
  });
  return {
    cache,
    clock,
    inner,
    expires,
    async login(password, user = 'alice', address = '192.0.2.1') {
      try {
        return (await cache.authenticate({ kind: 'basic', user, password }, { address }))?.name ?? 'wrong';
      } catch (error) {
        if (isRegistryAuthError(error)) return error.code;
        throw error;
      }
    },
  };
}

test('right credentials are verified once in a while', async () => {
  const { login, inner, clock } = bench();
  for (const _ of [1, 2, 3]) assert.equal(await login('alice-secret'), 'alice');
  assert.equal(inner.asked, 1);
  clock.time += 59_999;
  assert.equal(await login('alice-secret'), 'alice');
  assert.equal(inner.asked, 1);
  clock.time += 1;
  assert.equal(await login('alice-secret'), 'alice');
  assert.equal(inner.asked, 2);
});

test('an identity is not kept beyond its own end', async () => {
  const { login, inner, clock, expires } = bench();
  expires.value = clock.time + 1000;
  await login('alice-secret');
  clock.time += 1000;
  await login('alice-secret');
  await login('alice-secret');
  assert.equal(inner.asked, 3);
});

test('wrong credentials are remembered for some seconds, and cost no attempt while they are', async () => {
  const { login, inner, clock } = bench();
  for (let count = 0; count < 50; count += 1) assert.equal(await login('guess'), 'wrong');
  assert.equal(inner.asked, 1);
  clock.time += 5000;
  assert.equal(await login('guess'), 'wrong');
  assert.equal(inner.asked, 2);
});

test('credentials differ by every part', async () => {
  const { cache, inner } = bench({ guard: 'none' });
  const all: readonly Credentials[] = [
    { kind: 'basic', user: 'a', password: 'b"c' },
    { kind: 'basic', user: 'a"b', password: 'c' },
    { kind: 'basic', user: 'a","b', password: 'c' },
    { kind: 'basic', user: '', password: 'abc' },
    { kind: 'bearer', token: 'abc' },
    { kind: 'bearer', token: 'abcd' },
  ];
  for (const credentials of all) await cache.authenticate(credentials, {});
  assert.equal(inner.asked, all.length);
  // What is no secret is not kept.
  await cache.authenticate({ kind: 'certificate', der: new Uint8Array(3) }, {});
  await cache.authenticate({ kind: 'certificate', der: new Uint8Array(3) }, {});
  assert.equal(inner.asked, all.length + 2);
});

test('a hundred logins at the same time are verified once', async () => {
  const { login, inner } = bench();
  const gate = Promise.withResolvers<void>();
  inner.gate = gate.promise;
  const logins = Array.from({ length: 100 }, () => login('alice-secret'));
  gate.resolve();
  assert.deepEqual(new Set(await Promise.all(logins)), new Set(['alice']));
  assert.equal(inner.asked, 1);
});

test('whoever leaves stops nobody else, and the last who leaves stops the work', async () => {
  const { cache, inner } = bench();
  const gate = Promise.withResolvers<void>();
  inner.gate = gate.promise;
  const credentials = { kind: 'basic', user: 'alice', password: 'alice-secret' } as const;
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  const one = cache.authenticate(credentials, { signal: first.signal });
  const two = cache.authenticate(credentials, { signal: second.signal });
  first.abort(new Error('left'));
  await assert.rejects(one, /left/);
  assert.equal(inner.signal?.aborted, false);
  second.abort(new Error('left too'));
  await assert.rejects(two, /left too/);
  assert.equal(inner.signal?.aborted, true);
  // Whoever comes next does not join what was given up.
  const three = cache.authenticate(credentials, { signal: third.signal });
  gate.resolve();
  assert.equal((await three)?.name, 'alice');
  assert.equal(inner.asked, 2);
});

test('"could not look" is neither kept nor counted', async () => {
  const { login, inner } = bench();
  inner.down = true;
  for (let count = 0; count < 200; count += 1) assert.equal(await login('alice-secret'), 'AUTH_UNAVAILABLE');
  inner.down = false;
  assert.equal(await login('alice-secret'), 'alice');
});

test('guessing is slowed down, and keeps out nobody who was let in', async () => {
  const { login, inner, clock } = bench();
  assert.equal(await login('alice-secret'), 'alice');
  const free = defaultGuard.pair.free;
  for (let count = 0; count < free; count += 1) assert.equal(await login(`guess${count}`), 'wrong');
  assert.equal(await login('another'), 'TOO_MANY_ATTEMPTS');
  assert.equal(inner.asked, free + 1);
  assert.equal(await login('alice-secret'), 'alice');
  clock.time += 1000;
  assert.equal(await login('another'), 'wrong');
  assert.equal(await login('and another'), 'TOO_MANY_ATTEMPTS');
  clock.time += 1999;
  assert.equal(await login('and another'), 'TOO_MANY_ATTEMPTS');
  clock.time += 1;
  assert.equal(await login('and another'), 'wrong');
});

test('an old password that is repeated is no guess', async () => {
  const { login, inner, clock } = bench();
  for (let count = 0; count < 100; count += 1) {
    assert.equal(await login('old'), 'wrong');
    clock.time += 5000;
  }
  assert.equal(inner.asked, 100);
  assert.equal(await login('alice-secret'), 'alice');
});

test('guesses sent all at once get no further than guesses one by one', async () => {
  const { login, inner } = bench();
  const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => login(`guess${index}`)));
  assert.equal(inner.asked, defaultGuard.pair.width);
  assert.equal(answers.filter((answer) => answer === 'TOO_MANY_ATTEMPTS').length, 500 - defaultGuard.pair.width);
});

test('where looking is cheap, what was right is looked at again each time, and the secret only when that changed', async () => {
  const hashes = new Map([['alice', 'one']]);
  const asked = { secrets: 0, renewals: 0 };
  const identityOf = (name: string): Identity | undefined => {
    const credential = hashes.get(name);
    return credential === undefined ? undefined : { kind: 'user', name, groups: [], source: 'inner', credential };
  };
  const inner: Authenticator = {
    name: 'inner',
    fits: () => 'perhaps',
    authenticate(credentials) {
      asked.secrets += 1;
      const isRight = credentials.kind === 'basic' && credentials.password === 'secret';
      return Promise.resolve(isRight ? identityOf(credentials.user) : undefined);
    },
    renew(identity) {
      asked.renewals += 1;
      const now = identityOf(identity.name);
      return Promise.resolve(now?.credential === identity.credential ? now : undefined);
    },
  };
  const cache = new CredentialCache(inner, { clock: { now: () => 0, monotonic: () => 0 }, renewing: true });
  const login = () => cache.authenticate({ kind: 'basic', user: 'alice', password: 'secret' }, {});
  for (const _ of [1, 2, 3]) assert.equal((await login())?.name, 'alice');
  assert.deepEqual(asked, { secrets: 1, renewals: 2 });
  hashes.set('alice', 'two');
  assert.equal((await login())?.credential, 'two', 'the same password, hashed anew');
  assert.equal(asked.secrets, 2);
  hashes.delete('alice');
  assert.equal(await login(), undefined);
});

test('what is kept is bounded, and wrong answers push out no right ones', async () => {
  const { login, inner, cache } = bench({ entries: 10, guard: 'none' });
  await login('alice-secret');
  for (let count = 0; count < 100; count += 1) await login(`guess${count}`);
  await login('alice-secret');
  assert.equal(inner.asked, 101);
  for (let count = 0; count < 20; count += 1) await login(`u${count}-secret`, `u${count}`);
  await login('alice-secret');
  assert.equal(inner.asked, 122);
  // Nor is any password among what is kept.
  assert.doesNotMatch(inspect(cache, { depth: 10, showHidden: true }), /secret|guess/);
});

test('so many verifications at a time, and no more', async () => {
  const { login, inner } = bench({ width: 3, guard: 'none' });
  const gate = Promise.withResolvers<void>();
  inner.gate = gate.promise;
  const logins = ['a', 'b', 'c', 'd'].map((password) => login(password));
  gate.resolve();
  assert.deepEqual(await Promise.all(logins), ['wrong', 'wrong', 'wrong', 'AUTH_UNAVAILABLE']);
});
