import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readManifests } from '../../read-manifests.ts';
import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { configMapSecrets, configMapSensitive } from './config-map.ts';

const map = (data: string): string => `apiVersion: v1\nkind: ConfigMap\ndata:\n${data}\n`;

testCheck(configMapSecrets, 'object', [
  ['settings', map('  level: debug\n  url: http://x/?a=b')],
  ['a password', map('  level: debug\n  password: hunter2'), '5'],
  ['a word in capitals', map('  REDIS_PASSWORD: abc'), '4'],
  ['words without gaps', map('  clientSecret: abc'), '4'],
  ['several words', map('  aws_secret_access_key: abc\n  aws_access_key_id: abc'), '4', '5'],
  ['a number', map('  token: 1234'), '4'],
  ['an assignment in a text', map('  env: |\n    LEVEL=debug\n    API_TOKEN=abc'), '4-6'],
  ['an assignment in JSON', map(`  a.json: '{"level": 1, "password": "x"}'`), '4'],
  ['a password of nothing', map('  password: ""\n  a: DB_PASSWORD=')],
  ['a reference', map('  password: ${PASSWORD}\n  a: DB_PASSWORD=$(cat x)\n  b: "token: \\"{{ x }}\\""')],
  ['a choice', map('  a: use-password=true')],
  ['words in which such a word is', map('  compass: north\n  bypass: all\n  token-ttl: 30s\n  passthrough: x')],
  ['a name of a secret, which is none', map('  secretName: db\n  password-file: /run/x')],
  ['a list in place of a text', map('  password: [a]')],
  ['no data', 'apiVersion: v1\nkind: ConfigMap\n'],
  ['a Secret', 'apiVersion: v1\nkind: Secret\ndata: {password: eA==}\n'],
]);
testCheck(configMapSensitive, 'object', [
  ['settings', map('  level: debug\n  keys: 3')],
  ['a user', map('  username: jane'), '4'],
  ['a key in a text', map('  a: |\n    api.key=abc'), '4-5'],
  ['an address', map('  a: write to jane.doe@mail.example.com'), '4'],
  ['an account', map('  a: DE89 3704 0044 0532 0130 00'), '4'],
  ['a hash', map('  a: md5'), '4'],
  ['digests', map(`  a: ${'ab12'.repeat(16)}`)],
]);

test('values of ConfigMaps are never told', () => {
  const [manifest] = readManifests(map('  password: hunter2\n  env: API_TOKEN=hunter2'))?.manifests ?? [];
  assert.ok(manifest !== undefined);
  const messages = [...configMapSecrets.find(manifest)].map(({ message }) => message);
  assert.deepEqual(messages, [
    'The entry password seems to hold a secret',
    'The entry env seems to hold a secret (API_TOKEN)',
  ]);
});

test('long values are searched in no time', () => {
  for (const text of [
    'a'.repeat(500_000),
    'a='.repeat(250_000),
    'a.@'.repeat(150_000),
    'AB12 '.repeat(100_000),
    '"'.repeat(500_000),
  ]) {
    const [manifest] = readManifests(`apiVersion: v1\nkind: ConfigMap\ndata: {a: '${text}'}`)?.manifests ?? [];
    assert.ok(manifest !== undefined);
    const start = performance.now();
    for (const check of [configMapSecrets, configMapSensitive]) void [...check.find(manifest)].length;
    assert.ok(performance.now() - start < 2000);
  }
});
