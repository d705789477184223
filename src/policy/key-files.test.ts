import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy } from '../../testing/policy/make-evidence.ts';
import { compilePolicy } from './compile.ts';
import { keyFilesOf, keyReferencesOf, withKeyFiles, withKeys } from './key-files.ts';

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

test('withKeys() puts the keys of references into their places, of which there may be several in one', () => {
  const pem = (text: string): string => `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----\n`;
  const referring = makePolicy([], {
    signers: [
      { name: 'a', keys: [{ reference: 'k8s://ns/b' }, { pem: 'p' }, { file: '/f' }], identities: [] },
      { name: 'b', keys: [{ reference: 'awskms://a' }, { reference: 'k8s://ns/b' }], identities: [] },
    ],
  });
  assert.deepEqual(keyReferencesOf(referring), ['awskms://a', 'k8s://ns/b']);
  const texts = new Map([
    ['awskms://a', 'no pem'],
    ['k8s://ns/b', `${pem('B')}${pem('C')}`],
  ]);
  const whole = withKeys(referring, texts);
  assert.deepEqual(
    whole.signers.map(({ keys }) => keys),
    [
      [{ pem: pem('B') }, { pem: pem('C') }, { pem: 'p' }, { file: '/f' }],
      [{ pem: 'no pem' }, { pem: pem('B') }, { pem: pem('C') }],
    ],
  );
  assert.deepEqual(keyReferencesOf(whole), []);
  const other = withKeys(referring, new Map([...texts, ['awskms://a', 'other']]));
  assert.notEqual(compilePolicy(other).hash, compilePolicy(whole).hash);
  assert.throws(() => withKeys(referring, new Map()), {
    name: 'PolicyError',
    message: /k8s:\/\/ns\/b .* was not looked/,
  });
});
