import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy } from '../../testing/policy/make-evidence.ts';
import { compilePolicy } from './compile.ts';
import { keyFilesOf, withKeyFiles } from './key-files.ts';

const policy = makePolicy([], {
  signers: [
    { name: 'a', keys: [{ file: '/b.pub' }, { pem: 'p' }], identities: [] },
    { name: 'b', keys: [{ file: '/a.pub' }, { file: '/b.pub' }], identities: [] },
  ],
});

test('keyFilesOf() names each file once, and withKeyFiles() puts what they hold into their places', () => {
  assert.deepEqual(keyFilesOf(policy), ['/a.pub', '/b.pub']);
  const texts = new Map([
    ['/a.pub', 'A'],
    ['/b.pub', 'B'],
  ]);
  const whole = withKeyFiles(policy, texts);
  assert.deepEqual(
    whole.signers.map(({ keys }) => keys),
    [
      [{ pem: 'B' }, { pem: 'p' }],
      [{ pem: 'A' }, { pem: 'B' }],
    ],
  );
  assert.deepEqual(keyFilesOf(whole), []);
  const changed = withKeyFiles(policy, new Map([...texts, ['/a.pub', 'C']]));
  assert.notEqual(compilePolicy(changed).hash, compilePolicy(whole).hash);
});

test('withKeyFiles() refuses to leave a key out', () => {
  const message = /The key \/a\.pub of the signer "b" was not read/;
  assert.throws(() => withKeyFiles(policy, new Map([['/b.pub', 'B']])), { name: 'PolicyError', message });
});
