import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RegistryConfigError } from '../error.ts';
import { isCron } from './cron.ts';
import { parseNetworkRange } from '../../../net/network-range.ts';
import { whyNoNetwork } from './network.ts';
import { formatSecretReference, readSecret } from './secret.ts';

const networks: readonly (readonly [text: string, wrong?: RegExp])[] = [
  ['192.0.2.7'],
  ['10.0.0.0/8'],
  ['192.168.4.0/22'],
  ['192.0.2.7/32'],
  ['128.0.0.0/1'],
  ['2001:db8::/32'],
  ['2001:db8::1'],
  ['::1/128'],
  ['fe80::/10'],
  ['2001:db8:0:8000::/49'],
  ['0.0.0.0/0', /all addresses/],
  ['::/0', /all addresses/],
  ['10.0.0.1/8', /behind the first 8/],
  ['192.168.5.0/22', /behind the first 22/],
  ['2001:db8::1/32', /behind the first 32/],
  ['2001:db8:0:4000::/49', /behind the first 49/],
  ['10.0.0.0/33', /no address/],
  ['::/129', /no address/],
  ['10.0.0.0/08', /no address/],
  ['10.0.0.0/', /no address/],
  ['10.0.0', /no address/],
  ['010.0.0.0/8', /no address/],
  ['fe80::1%eth0', /no address/],
  ['proxy.example.org', /no address/],
  ['*', /no address/],
  ['', /no address/],
];

for (const [text, wrong] of networks) {
  test(`whyNoNetwork() judges "${text}"`, () => {
    if (wrong === undefined)
      assert.deepEqual([whyNoNetwork(text), parseNetworkRange(text) === undefined], [undefined, false]);
    else assert.match(whyNoNetwork(text) ?? '', wrong);
  });
}

const schedules: readonly (readonly [text: string, isOne: boolean])[] = [
  ['* * * * *', true],
  ['30 3 * * *', true],
  ['*/5 0-6,22 1,15 1-12/2 7', true],
  ['  0\t0 1 1 0 ', true],
  ['60 * * * *', false],
  ['* 24 * * *', false],
  ['* * 0 * *', false],
  ['* * * 13 *', false],
  ['* * * * 8', false],
  ['5-1 * * * *', false],
  ['*/0 * * * *', false],
  ['1, * * * *', false],
  ['* * * *', false],
  ['* * * * * *', false],
  ['@daily', false],
  ['', false],
];

for (const [text, isOne] of schedules) {
  test(`isCron() says ${isOne} of "${text}"`, () => assert.equal(isCron(text), isOne));
}

test('readSecret() reads files and variables, without the line break at the end', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 's');
  const file = { kind: 'file', path } as const;
  for (const [text, expected] of [
    ['pass word\n', 'pass word'],
    ['pass\r\n', 'pass'],
    ['pass\n\n', 'pass\n'],
    ['pass', 'pass'],
  ] as const) {
    writeFileSync(path, text);
    assert.equal(await readSecret(file, {}), expected);
  }
  assert.equal(await readSecret({ kind: 'env', name: 'A' }, { A: ' x ' }), ' x ');
  assert.equal(formatSecretReference({ kind: 'env', name: 'A' }), 'env:A');

  const refuses = (words: RegExp) => (error: unknown) =>
    error instanceof RegistryConfigError && words.test(error.message);
  await assert.rejects(readSecret({ kind: 'env', name: 'A' }, {}), refuses(/^env:A holds no secret/));
  writeFileSync(path, '\n');
  await assert.rejects(readSecret(file, {}), refuses(/holds no secret/));
  writeFileSync(path, 'x'.repeat(2 ** 20 + 1));
  await assert.rejects(readSecret(file, {}), refuses(/too large/));
  await assert.rejects(readSecret({ kind: 'file', path: join(folder, 'none') }, {}), refuses(/ENOENT/));
});
