import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressGroup } from './address-group.ts';
import { AttemptGuard, type GuardSettings } from './attempt-guard.ts';
import { isRegistryAuthError } from './error.ts';

const forgetAfter = 600_000;
const common = { width: 100, firstWait: 1000, maxWait: 60_000, forgetAfter, entries: 1000 };
const settings: GuardSettings = {
  pair: { ...common, free: 3 },
  user: { ...common, free: 6 },
  address: { ...common, free: 9 },
  knownFor: 3_600_000,
  known: 100,
};

function guard(): {
  readonly now: { value: number };
  readonly tryAs: (user: string, address?: string, right?: boolean) => number;
} {
  const now = { value: 0 };
  const attempts = new AttemptGuard(settings, () => now.value);
  return {
    now,
    /** Seconds to wait; 0 when the attempt was heard. */
    tryAs(user, address, right = false) {
      try {
        attempts.begin(user, address)(right ? 'right' : 'wrong');
        return 0;
      } catch (error) {
        assert.ok(isRegistryAuthError(error, 'TOO_MANY_ATTEMPTS'));
        return error.retryAfterSeconds ?? Number.NaN;
      }
    },
  };
}

test('one user from one address is slowed down, others are not', () => {
  const { tryAs, now } = guard();
  assert.deepEqual(
    [1, 2, 3, 4].map(() => tryAs('alice', '192.0.2.1')),
    [0, 0, 0, 1],
  );
  assert.equal(tryAs('bob', '192.0.2.1'), 0);
  assert.equal(tryAs('alice', '192.0.2.2'), 0);
  now.value = 1000;
  assert.deepEqual([tryAs('alice', '192.0.2.1'), tryAs('alice', '192.0.2.1')], [0, 2]);
  now.value = 2999;
  assert.equal(tryAs('alice', '192.0.2.1'), 1);
});

test('a user who is tried from everywhere is slowed down, but not where that user logged in', () => {
  const { tryAs } = guard();
  assert.equal(tryAs('alice', '198.51.100.7', true), 0);
  for (let at = 0; at < 6; at += 1) assert.equal(tryAs('alice', `192.0.2.${at}`), 0);
  assert.equal(tryAs('alice', '192.0.2.99'), 1);
  assert.equal(tryAs('alice', '192.0.2.99', true), 1);
  assert.equal(tryAs('alice', '198.51.100.7', true), 0);
  assert.equal(tryAs('bob', '192.0.2.99'), 0);
});

test('an address that tries many users is slowed down, and a login does not wash it clean', () => {
  const { tryAs } = guard();
  for (let at = 0; at < 9; at += 1) assert.equal(tryAs(`user${at}`, '2001:db8::1'), 0);
  assert.equal(tryAs('another', '2001:db8::1'), 1);
  assert.equal(tryAs('mallory', '2001:db8:0:0:ffff::2', true), 1);
  assert.equal(tryAs('another', '2001:db8:0:1::1'), 0);
  const second = guard();
  for (let at = 0; at < 9; at += 1) {
    assert.equal(second.tryAs(`user${at}`, '192.0.2.1'), 0);
    if (at < 8) assert.equal(second.tryAs('mallory', '192.0.2.1', true), 0);
  }
  assert.equal(second.tryAs('another', '192.0.2.1'), 1);
});

test('names that a directory takes for the same are counted together', () => {
  const { tryAs } = guard();
  assert.deepEqual(
    ['alice', 'ALICE', ' alice', 'ａｌｉｃｅ'].map((name) => tryAs(name, '192.0.2.1')),
    [0, 0, 0, 1],
  );
});

test('a login forgives the failures of its user at its address', () => {
  const { tryAs } = guard();
  assert.deepEqual([tryAs('alice', 'a'), tryAs('alice', 'a'), tryAs('alice', 'a', true)], [0, 0, 0]);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => tryAs('alice', 'a')),
    [0, 0, 0, 1],
  );
});

test('without an address, users are slowed down still', () => {
  const { tryAs } = guard();
  assert.deepEqual(
    [1, 2, 3, 4].map(() => tryAs('alice')),
    [0, 0, 0, 1],
  );
  for (let at = 0; at < 20; at += 1) assert.equal(tryAs(`user${at}`), 0);
});

test('addressGroup() takes an IPv4 address whole and the network of an IPv6 address', () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, ''],
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0001:2::6', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
  ];
  for (const [address, group] of cases) assert.equal(addressGroup(address), group, address);
});
