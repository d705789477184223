import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hashSecret, isSameHash, isSecret, makeSecret } from './secret.ts';

test('makeSecret() makes secrets that can be told from other texts', () => {
  const made = Array.from({ length: 500 }, makeSecret);
  assert.equal(new Set(made.map(({ secret }) => secret)).size, 500);
  for (const { secret, sha256 } of made) {
    assert.match(secret, /^swr_[0-9A-Za-z]{49}$/);
    assert.equal(isSecret(secret), true);
    assert.equal(sha256, createHash('sha256').update(secret).digest('hex'));
  }
});

test('isSecret() sees a change of any character', () => {
  const { secret } = makeSecret();
  for (let at = 0; at < secret.length; at += 1) {
    const other = secret[at] === 'a' ? 'b' : 'a';
    assert.equal(isSecret(secret.slice(0, at) + other + secret.slice(at + 1)), false, String(at));
  }
  for (const text of [
    '',
    'swr_',
    `${secret}0`,
    secret.slice(0, -1),
    ` ${secret}`,
    secret.toUpperCase(),
    `${secret}\n`,
  ]) {
    assert.equal(isSecret(text), false);
  }
});

test('isSameHash() compares whole hashes', () => {
  const [one, other] = [hashSecret('a'), hashSecret('b')];
  assert.equal(isSameHash(one, one), true);
  for (const bad of [other, '', one.slice(2), `${one}00`, 'zz'.repeat(32)]) assert.equal(isSameHash(one, bad), false);
  assert.equal(isSameHash('', ''), false);
});
