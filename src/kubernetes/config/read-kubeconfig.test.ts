import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { test } from 'node:test';
import { configDeps } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { findCluster } from './find-cluster.ts';
import { readKubeconfig } from './read-kubeconfig.ts';

test('readKubeconfig() lets the first file that has a thing decide it whole', async () => {
  using folder = temporaryDirectory();
  const paths = [
    folder.write(
      'one',
      'kind: Config\nusers: [{name: u, user: {token: one}}]\ncontexts: [{name: x, context: {user: u}}]',
    ),
    `${folder.path}/missing`,
    folder.write('empty', ''),
    folder.write(
      'two',
      'current-context: x\nusers:\n- {name: u, user: {username: later}}\n- {name: v, user: {token: two}}\n',
    ),
    // JSON is YAML, and the last one to be asked.
    folder.write(
      'three',
      JSON.stringify({ 'current-context': 'y', clusters: [{ name: 'c', cluster: { server: 'https://c' } }] }),
    ),
  ];
  const deps = configDeps({ env: { KUBECONFIG: [...paths, paths[0]].join(delimiter) }, home: folder.path });
  const merged = await readKubeconfig(deps);
  assert.deepEqual(merged?.files, paths.toSpliced(1, 1));
  assert.equal(merged.currentContext, 'x');
  assert.deepEqual(
    [...merged.users].map(([name, { fields }]) => [name, { ...fields }]),
    [
      ['u', { token: 'one' }],
      ['v', { token: 'two' }],
    ],
  );
  assert.deepEqual([...merged.clusters.keys(), ...merged.contexts.keys()], ['c', 'x']);
});

test('readKubeconfig() looks where it is told, and else where users keep it', async () => {
  using folder = temporaryDirectory();
  const named = folder.write('named', 'current-context: named');
  const { mkdirSync, writeFileSync } = await import('node:fs');
  mkdirSync(`${folder.path}/.kube`);
  const usual = `${folder.path}/.kube/config`;
  writeFileSync(usual, 'current-context: usual');
  const current = async (env: Record<string, string>, path?: string): Promise<string | undefined> =>
    (await readKubeconfig(configDeps({ env, home: folder.path }), path))?.currentContext;
  assert.equal(await current({}), 'usual');
  assert.equal(await current({ KUBECONFIG: '' }), 'usual');
  assert.equal(await current({ KUBECONFIG: named }), 'named');
  assert.equal(await current({ KUBECONFIG: usual }, named), 'named');
  // What is named and not there is not made up for by another one.
  assert.equal(await current({ KUBECONFIG: `${named}x` }), undefined);
  await assert.rejects(current({}, `${named}x`), { code: 'CONFIG_MISSING' });
  assert.equal(await readKubeconfig(configDeps()), undefined);
});

const broken: readonly (readonly [string, RegExp])[] = [
  ['a: [', /cannot be used: line 1: This is not YAML/],
  ['[]', /has no fields/],
  ['kind: Pod', /of kind Pod; name a file of kind Config/],
  ['users: {}', /users is no list/],
  ['users: [{user: {}}]', /an entry of users has no name/],
  ['users: [{name: a, user: x}]', /the user "a" has no fields/],
  ['users: [{name: a}, {name: a}]', /has the user "a" twice/],
  ['a: 1\na: 2', /line 2: "a" stands twice/],
];
for (const [text, sentence] of broken) {
  test(`readKubeconfig() tells what is wrong with ${text.replaceAll('\n', ' ')}`, async () => {
    const deps = configDeps({ readFile: async () => Buffer.from(text) });
    await assert.rejects(readKubeconfig(deps, '/k'), { code: 'CONFIG_INVALID', message: sentence });
  });
}

test('readKubeconfig() reads no file without end', async () => {
  await assert.rejects(readKubeconfig(configDeps(), '/dev/zero'), {
    code: 'CONFIG_INVALID',
    message: /more than \d+ bytes/,
  });
  const many = Array.from({ length: 101 }, (_, index) => `/k${index}`).join(delimiter);
  await assert.rejects(readKubeconfig(configDeps({ env: { KUBECONFIG: many } })), { code: 'CONFIG_INVALID' });
});

test('findCluster() takes the kubeconfig before the pod, and says what to do where there is neither', async () => {
  await assert.rejects(findCluster({}, configDeps()), { code: 'CONFIG_MISSING', message: /set KUBECONFIG/ });
  const text = `
current-context: a
contexts:
- {name: a, context: {cluster: c, user: u, namespace: team}}
- {name: b, context: {cluster: d}}
- {name: none, context: {}}
clusters:
- {name: c, cluster: {server: "https://c.example/"}}
- {name: d, cluster: {server: "https://d.example:6443/k8s/"}}
users:
- {name: u, user: {token: t}}`;
  const deps = configDeps({
    env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' },
    home: '/home/me',
    readFile: async (path) => {
      if (path === '/home/me/.kube/config') return Buffer.from(text);
      throw Object.assign(new Error('none'), { code: 'ENOENT' });
    },
  });
  for (const [choice, server, namespace] of [
    [{}, 'https://c.example', 'team'],
    [{ context: 'b' }, 'https://d.example:6443/k8s', 'default'],
    [{ cluster: 'd' }, 'https://d.example:6443/k8s', 'team'],
    [{ namespace: 'own' }, 'https://c.example', 'own'],
  ] as const) {
    const config = await findCluster(choice, deps);
    assert.deepEqual([config.server, config.namespace], [server, namespace]);
    assert.match(config.origin, /^context "[ab]" of \/home\/me\/\.kube\/config$/);
  }
  for (const [choice, sentence] of [
    [{ context: 'z' }, /no context "z"; it has a, b, none/],
    [{ context: 'none' }, /context "none" names no cluster/],
    [{ cluster: 'z' }, /no cluster "z"; it has c, d/],
    [{ user: 'z' }, /no user "z"; it has u/],
  ] as const) {
    await assert.rejects(findCluster(choice, deps), { code: 'CONFIG_INVALID', message: sentence });
  }
});
