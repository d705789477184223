import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { testKeyDeps } from '../../testing/key-deps.ts';
import { kmsKeyLookup } from './key-lookup.ts';
import { readKeys } from './signer/pem.ts';

test('kmsKeyLookup() gives the public halves of all versions of a key, the newest first', async () => {
  const pairs = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const keys = Object.fromEntries(
    pairs.map(({ publicKey }, at) => [
      String(at + 1),
      {
        name: 'P-256',
        public_key: publicKey.export({ type: 'spki', format: 'pem' }),
        creation_time: '2026-01-01T00:00:00Z',
      },
    ]),
  );
  const env = { VAULT_ADDR: 'https://vault.example:8200/', VAULT_TOKEN: 'hvs.shhh' };
  const answer = { json: { data: { name: 'signer', latest_version: 2, keys } } };
  await using deps = await testKeyDeps({ 'vault.example:8200': () => answer }, { env });
  const read = readKeys(await kmsKeyLookup(deps)('hashivault://signer'));
  const wanted = pairs.toReversed().map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }));
  assert.deepEqual(
    read.map(({ spki }) => spki),
    wanted,
  );
});

test('kmsKeyLookup() runs no program and reads no file that a policy names', async () => {
  let ran = 0;
  await using deps = await testKeyDeps(
    {},
    {
      exec: () => {
        ran += 1;
        return Promise.reject(new Error('ran'));
      },
    },
  );
  const lookUp = kmsKeyLookup(deps);
  for (const reference of [
    'mine://key',
    'pkcs11:token=a;object=b?module-path=/x.so',
    'k8s://a/b',
    '/etc/passwd',
    'file:///x',
    'env://KEY',
  ]) {
    await assert.rejects(lookUp(reference), { code: 'KEY_REFERENCE_INVALID' }, reference);
  }
  assert.equal(ran, 0);
  await assert.rejects(lookUp('hashivault://signer'), { code: 'KEY_UNAVAILABLE' });
});
