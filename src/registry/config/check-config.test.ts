import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configOf, configSurroundings, mistakesOf } from '../../../testing/registry-config.ts';
import { checkConfig } from './check-config.ts';
import { sectionNames } from './names.ts';

test('checkConfig() takes an empty file for a registry of this machine', async () => {
  for (const text of ['', 'registry:\n', 'severity: HIGH\n', 'registry: {username: bob, plain-http: [a]}']) {
    const config = await configOf(text);
    assert.deepEqual(config.listen, { host: '127.0.0.1', port: 5000 });
    assert.deepEqual(config.storage, { kind: 'filesystem', folder: '/srv/registry/blobs' });
    assert.deepEqual(config.database, { kind: 'sqlite', file: '/srv/registry/registry.db' });
    assert.deepEqual(config.auth, { anonymous: [], external: [], oidc: [], robots: false });
    assert.equal(config.uploads.maxBytes, 100 * 2 ** 30);
    assert.equal(config.gc.graceMs, 86_400_000);
  }
});

test('checkConfig() reads values as they are written, paths from the folder of the file on', async () => {
  const config = await configOf(
    `registry:
  listen: "[::1]:0"
  url: https://registry.example.org/
  data: ../data
  storage:
    s3:
      endpoint: http://127.0.0.1:9000
      bucket: images
      pathStyle: true
      accessKey: env:KEY
      secretKeyFile: check-config.ts
  database: {sqlite: /var/registry.db}
  workers: 2
  tags:
    immutable:
      - {name: releases, repositories: [team/**], tags: [v*, 1.10], except: [v0.*], until: 90d}
  quotas: [{repositories: ["**"], maxBytes: 1.5GiB, maxTags: 10}]
  gc: {grace: 36h, schedule: "*/5  0-6 * * 1,3"}
  audit: {keepFor: 365d, pulls: false}
  delete: {enabled: false}
  metrics: {listen: 127.0.0.1:9100}
`,
    `${import.meta.dirname}/seaworthy.yaml`,
  );
  assert.deepEqual(config.listen, { host: '::1', port: 0 });
  assert.equal(config.url, 'https://registry.example.org');
  assert.equal(config.data, new URL('../data', import.meta.url).pathname);
  assert.deepEqual(config.storage, {
    kind: 's3',
    endpoint: 'http://127.0.0.1:9000',
    region: 'us-east-1',
    bucket: 'images',
    prefix: '',
    pathStyle: true,
    credentials: {
      accessKey: { kind: 'env', name: 'KEY' },
      secretKey: { kind: 'file', path: new URL('check-config.ts', import.meta.url).pathname },
    },
    redirect: false,
  });
  assert.deepEqual(config.database, { kind: 'sqlite', file: '/var/registry.db' });
  assert.equal(config.workers, 2);
  assert.deepEqual(config.tags.immutable[0], {
    name: 'releases',
    repositories: ['team/**'],
    tags: ['v*', '1.10'],
    except: ['v0.*'],
    until: '90d',
  });
  assert.deepEqual(config.quotas, [{ repositories: ['**'], maxBytes: 1_610_612_736, maxTags: 10 }]);
  assert.deepEqual(config.gc, { enabled: true, schedule: '*/5 0-6 * * 1,3', graceMs: 129_600_000 });
  assert.deepEqual(config.audit, { pulls: false, keepForMs: 31_536_000_000 });
  assert.deepEqual(config.metrics, { listen: { host: '127.0.0.1', port: 9100 } });
});

test('checkConfig() tells all mistakes at once, in the order of the file', async () => {
  const text = `registry:
  listne: 127.0.0.1:1
  tls: {cert: a.pem, kye: b.pem}
  workers: many
  permissions:
    - repositories: [Team/*]
      actions: [pul]
      to: [user:alice]
  gc:
  delete: true
  uploads: {maxBytes: [1]}
`;
  assert.deepEqual(await mistakesOf(text), [
    '2:3: registry.listne: is no setting; did you mean listen?',
    '3:3: registry.tls.key: is missing; add it',
    '3:22: registry.tls.kye: is no setting; did you mean key?',
    '4:3: registry.workers: cannot be "many"; write a whole number from 1 to 256',
    '6:22: registry.permissions[0].repositories[0]: cannot be "Team/*": names of repositories have small letters, digits and . _ - / alone',
    '7:17: registry.permissions[0].actions[0]: cannot be "pul"; write pull, push, delete, list or * (did you mean pull?)',
    '9:3: registry.gc: has no value; write names with values, or remove it',
    '10:3: registry.delete: takes names with values',
    '11:13: registry.uploads.maxBytes: takes one plain value',
  ]);
});

const wrong: readonly (readonly [text: string, mistakes: readonly (string | RegExp)[]])[] = [
  ['- a', ['1:1: A settings file takes names with values']],
  ['registry: 5', ['1:1: registry: takes names with values']],
  ['registry: {workers: 1, workers: 2}', ['1:24: "workers" stands twice; keep one']],
  ['registry: {data: &d x, storage: {filesystem: *d}}', [/^1:46: Aliases are not taken/]],
  ['registry: [', [/^1:\d+: This is not YAML/]],
  ['registry: {__proto__: {workers: 2}, constructor: 1}', [/__proto__: is no setting/, /constructor: is no setting/]],
  [
    'registry: {auth: {htpasswd: }}',
    [/^1:19: registry\.auth\.htpasswd: has no value; write one plain value, or remove it$/],
  ],
  [
    'registry: {limits: {constructor: 1}}',
    [/limits\.constructor: is no setting; there are manifestBytes, pageEntries/],
  ],
  ['registry: {quotas: [{repositories: [a]}]}', [/quotas\[0\]: limits nothing/]],
  ['registry: {storage: {filesystem: a, s3: {bucket: abc}}}', [/storage: names two places/]],
  ['registry: {database: {postgres: {}}}', [/postgres: names no address; add url: env:NAME, or urlFile/]],
  ['registry: {uploads: {expireAfter: 30}}', [/expireAfter: cannot be "30"; write a duration .+ from 1m to 365d/]],
  ['registry: {uploads: {expireAfter: 3s}}', [/from 1m to 365d/]],
  ['registry: {gc: {schedule: "61 * * * *"}}', [/schedule: cannot be "61 \* \* \* \*"; write five fields of cron/]],
];

for (const [text, expected] of wrong) {
  test(`checkConfig() refuses ${text}`, async () => {
    const told = await mistakesOf(text);
    assert.equal(told.length, expected.length, told.join('\n'));
    for (const [index, sentence] of expected.entries()) {
      if (typeof sentence === 'string') assert.equal(told[index], sentence);
      else assert.match(told[index] as string, sentence);
    }
  });
}

test('checkConfig() looks at names at the top of the file where it knows the others', async () => {
  const text = 'regisrty: {workers: 2}\nseverity: HIGH\n';
  assert.deepEqual(await mistakesOf(text), []);
  assert.deepEqual(await mistakesOf(text, { otherNames: new Set(['severity']) }), [
    '1:1: regisrty: is no setting; did you mean registry?',
  ]);
});

test('checkConfig() never repeats what stands in the place of a secret', async () => {
  const told = await mistakesOf(`registry:
  database: {postgres: {url: "postgres://u:hunter2@h/d"}}
  storage: {s3: {bucket: abc, secretKey: hunter2, accessKey: "env:hunter 2"}}
  auth: {ldap: {url: ldaps://x, userBase: y, bindDn: z, bindPassword: hunter2}}
  webhooks: [{name: a, url: "https://u:hunter2@example.org/", events: [gc.ran], secret: hunter2}]
`);
  assert.equal(told.length, 6);
  assert.ok(
    told.every((line) => !/hunter2(?!@example)/.test(line)),
    told.join('\n'),
  );
});

test('checkConfig() ends with a configuration or mistakes in the text, whatever the text', async () => {
  const words = [...sectionNames, 'registry', 'repositories', 'to', 'actions', 'name', 'pull', '**', '30d', 'env:A'];
  const marks = [
    ': ',
    '\n',
    '\n  ',
    '\n    ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '&a ',
    '*a',
    '"',
    '#',
    '!!x ',
    '\0',
    '5',
  ];
  const text = fc
    .array(fc.constantFrom(...words, ...marks), { maxLength: 40 })
    .map((parts) => `registry:\n  ${parts.join('')}`);
  await fc.assert(
    fc.asyncProperty(text, async (given) => {
      const { config, mistakes } = await checkConfig(given, '/x/f', configSurroundings);
      assert.ok((config === undefined) !== (mistakes === undefined));
      const lines = given.split('\n').length;
      for (const { line, column } of mistakes ?? []) assert.ok(line >= 1 && line <= lines && column >= 1);
    }),
    { numRuns: 100 },
  );
});
