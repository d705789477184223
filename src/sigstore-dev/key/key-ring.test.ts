import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { SigstoreDevError } from '../error.ts';
import { freshKeyRing, keptKeyRing } from './key-ring.ts';

test('keys of a folder stay the same, for their owner alone', () => {
  using folder = temporaryDirectory();
  const keys = join(folder.path, 'keys');
  const { spki } = keptKeyRing(keys).key('one', 'ecdsa-p256');
  assert.deepEqual(keptKeyRing(keys).key('one', 'ecdsa-p256').spki, spki);
  assert.notDeepEqual(keptKeyRing(keys).key('two', 'ecdsa-p256').spki, spki);
  const made = keptKeyRing(keys).document('paper', () => Buffer.from('first'));
  assert.deepEqual(
    keptKeyRing(keys).document('paper', () => Buffer.from('second')),
    made,
  );
  assert.deepEqual(readdirSync(keys).toSorted(), ['one.key', 'paper', 'two.key']);
  assert.equal(statSync(keys).mode & 0o777, 0o700);
  for (const name of readdirSync(keys)) assert.equal(statSync(join(keys, name)).mode & 0o777, 0o600, name);
});

test('a password encrypts the keys, and a wrong one opens none', () => {
  using folder = temporaryDirectory();
  const { spki } = keptKeyRing(folder.path, 'harbour').key('one', 'ecdsa-p384');
  assert.match(readFileSync(join(folder.path, 'one.key'), 'utf8'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
  assert.deepEqual(keptKeyRing(folder.path, 'harbour').key('one', 'ecdsa-p384').spki, spki);
  const unreadable = (error: unknown): boolean => {
    return error instanceof SigstoreDevError && error.code === 'KEYS_UNREADABLE' && !error.message.includes('pier');
  };
  assert.throws(() => keptKeyRing(folder.path, 'pier').key('one', 'ecdsa-p384'), unreadable);
  assert.throws(() => keptKeyRing(folder.path).key('one', 'ecdsa-p384'), unreadable);
  assert.throws(() => keptKeyRing(folder.path, 'harbour').key('one', 'ed25519'), unreadable);
});

test('fresh keys are those of one ring alone', () => {
  const ring = freshKeyRing();
  assert.deepEqual(ring.key('one', 'ed25519').spki, ring.key('one', 'ed25519').spki);
  assert.notDeepEqual(ring.key('one', 'ed25519').spki, freshKeyRing().key('one', 'ed25519').spki);
  const read = (text: string): string => ring.document('paper', () => Buffer.from(text)).toString();
  assert.deepEqual([read('first'), read('second')], ['first', 'first']);
});
