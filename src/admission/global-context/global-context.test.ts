import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { kubernetesLab, type KubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes, type FakeType } from '../../../testing/kubernetes/resource-types.ts';
import { silentLogger } from '../../base/logger.ts';
import type { NewObject } from '../../kubernetes/client.ts';
import { systemClock } from '../../net/clock.ts';
import { usualNaming } from '../../policy/kyverno/image-name.ts';
import { readGlobalEntries } from '../../policy/kyverno/document/read-global-entry.ts';
import { GlobalContext } from './global-context.ts';

const never = new AbortController().signal;

const entryType: FakeType = {
  group: 'kyverno.io',
  version: 'v2beta1',
  resource: 'globalcontextentries',
  kind: 'GlobalContextEntry',
  namespaced: false,
};

function entry(name: string, spec: object): NewObject {
  return { apiVersion: 'kyverno.io/v2beta1', kind: 'GlobalContextEntry', metadata: { name }, spec };
}

function configMap(name: string, namespace = 'default', data: object = {}): NewObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

const configMaps = { kubernetesResource: { version: 'v1', resource: 'configmaps', namespace: 'default' } };

interface Bench extends AsyncDisposable {
  readonly lab: KubernetesLab;
  readonly globals: GlobalContext;
  readonly look: (name: string) => Promise<unknown>;
}

async function bench(hasType = true): Promise<Bench> {
  const lab = await kubernetesLab();
  if (hasType) lab.api.register(entryType);
  const globals = new GlobalContext({
    client: lab.client,
    clock: systemClock,
    logger: silentLogger,
    naming: usualNaming,
  });
  const over = new AbortController();
  const running = globals.run(over.signal);
  return {
    lab,
    globals,
    /** The value, or why there is none. */
    look: async (name) => {
      const found = await globals.look(name, never);
      return found.state === 'known' ? found.value : found.state === 'unavailable' ? found.reason : found.state;
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await running;
      await lab[Symbol.asyncDispose]();
    },
  };
}

/** Asks until what is told is what is waited for: a watch takes a moment. */
async function until(look: () => Promise<unknown>, wanted: unknown): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      return assert.deepEqual(await look(), wanted);
    } catch {
      await setTimeout(10);
    }
  }
  assert.deepEqual(await look(), wanted);
}

test('objects of a kind are what the cluster has, and their projections too', async () => {
  await using all = await bench();
  const { lab, look } = all;
  const { configMaps: type } = builtInTypes;
  await lab.client.create(type, configMap('b', 'default', { level: 'high' }));
  await lab.client.create(type, configMap('a'));
  await lab.client.create(type, configMap('c', 'kube-system'));
  const projections = [
    { name: 'names', jmesPath: '[].metadata.name' },
    { name: 'wrong', jmesPath: 'length(@[0].x)' },
  ];
  await lab.client.create(entryType, entry('maps', { ...configMaps, projections }));
  const names = (): Promise<unknown> => look('maps.names');
  await until(names, ['a', 'b']);
  const [, second] = (await look('maps')) as readonly { readonly data: unknown }[];
  assert.deepEqual(second?.data, { level: 'high' });
  await lab.client.remove(type, 'a', { namespace: 'default' });
  await lab.client.create(type, configMap('z'));
  await until(names, ['b', 'z']);
  assert.match(String(await look('maps.wrong')), /global context maps cannot be had: /);
  assert.match(String(await look('maps.other')), /it has no projection other/);
  await lab.client.remove(entryType, 'maps');
  await until(names, 'absent');
});

test('calls are made anew, and one that fails leaves nothing from before', async () => {
  await using all = await bench();
  const { lab, look } = all;
  const { configMaps: type } = builtInTypes;
  await lab.client.create(type, configMap('a', 'default', { x: '1' }));
  const apiCall = { urlPath: '/api/v1/namespaces/default/configmaps/a', refreshInterval: '1s', retryLimit: 1 };
  await lab.client.create(entryType, entry('one', { apiCall, projections: [{ name: 'x', jmesPath: 'data.x' }] }));
  await until(() => look('one.x'), '1');
  await lab.client.remove(type, 'a', { namespace: 'default' });
  await setTimeout(1050);
  await until(() => look('one.x'), 'absent');
});

test('what may not be asked is not, and says so', async () => {
  await using all = await bench();
  const { lab, look } = all;
  const own = lab.client.namespace;
  const cases: readonly (readonly [spec: object, said: RegExp])[] = [
    [
      { apiCall: { service: { url: 'https://evil.example' } } },
      /spec.apiCall.service is not supported: policies ask the API server/,
    ],
    [{ apiCall: { urlPath: '/api/v1/namespaces/a/pods/b/proxy/x' } }, /leads through the API server to something else/],
    [{ apiCall: { urlPath: '/../secret' } }, /is no plain path/],
    [{ apiCall: { urlPath: '/api/v1/namespaces/a/pods', method: 'POST', data: [] } }, /only reviews of authorization/],
    [{ apiCall: { urlPath: '/api/v1/nodes', refreshInterval: '0s' } }, /is no duration above 0/],
    [{ apiCall: { urlPath: `/api/v1/namespaces/${own}/secrets/tls` } }, /Secrets of the namespace of this webhook/],
    [{ apiCall: { urlPath: '/api/v1/secrets?limit=5' } }, /Secrets of the namespace of this webhook/],
    [{ ...configMaps, apiCall: { urlPath: '/api/v1/nodes' } }, /needs either kubernetesResource or apiCall/],
    [{ kubernetesResource: { version: 'v1', resource: 'unicorns' } }, /the cluster has no unicorns of v1/],
    [{ kubernetesResource: { version: 'v1', resource: 'nodes', namespace: 'a' } }, /nodes are in no namespace/],
    [{ ...configMaps, unknown: 1 }, /unknown/],
  ];
  for (const [at, [spec]] of cases.entries()) await lab.client.create(entryType, entry(`e${at}`, spec));
  for (const [at, [, said]] of cases.entries()) {
    for (let attempt = 0; attempt < 100 && (await look(`e${at}`)) === 'absent'; attempt += 1) await setTimeout(10);
    assert.match(String(await look(`e${at}`)), said);
  }
  assert.equal(lab.api.calls.filter(({ path }) => /secrets|proxy|evil/.test(path)).length, 0);
});

test('Secrets of the webhook itself are in no list', async () => {
  await using all = await bench();
  const { lab, look } = all;
  const { secrets: type } = builtInTypes;
  for (const namespace of [lab.client.namespace, 'kube-system']) {
    const metadata = { name: `key-of-${namespace}`, namespace };
    await lab.client.create(type, { apiVersion: 'v1', kind: 'Secret', metadata });
  }
  const projections = [{ name: 'names', jmesPath: '[].metadata.name' }];
  const spec = { kubernetesResource: { version: 'v1', resource: 'secrets' }, projections };
  await lab.client.create(entryType, entry('all', spec));
  await until(() => look('all.names'), ['key-of-kube-system']);
});

test('questions are sent, and answered anew', async () => {
  await using all = await bench();
  const { lab, look } = all;
  const apiCall = {
    urlPath: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    method: 'POST',
    data: [
      { key: 'kind', value: 'SubjectAccessReview' },
      { key: 'apiVersion', value: 'authorization.k8s.io/v1' },
      { key: 'spec', value: { user: 'a', resourceAttributes: { verb: 'get', resource: 'pods' } } },
    ],
  };
  await lab.client.create(entryType, entry('may', { apiCall, projections: [{ name: 'k', jmesPath: 'kind' }] }));
  await until(() => look('may.k'), 'SubjectAccessReview');
});

test('files may have entries, which are there before those of the cluster', async () => {
  await using all = await bench(false);
  const { lab, look, globals } = all;
  assert.equal(await look('maps'), 'absent');
  await lab.client.create(builtInTypes.configMaps, configMap('a'));
  const { entries, mistakes } = await readGlobalEntries(JSON.stringify(entry('maps', configMaps)));
  assert.deepEqual(mistakes, []);
  globals.takeFiles(entries);
  await until(async () => ((await look('maps')) as readonly object[]).length, 1);
  globals.takeFiles([]);
  assert.equal(await look('maps'), 'absent');
});

test('who looks before anything was read waits for as long as there is time', async () => {
  await using lab = await kubernetesLab();
  const globals = new GlobalContext({
    client: lab.client,
    clock: systemClock,
    logger: silentLogger,
    naming: usualNaming,
  });
  const over = new AbortController();
  const looking = globals.look('a', over.signal);
  over.abort(new Error('late'));
  await assert.rejects(looking, /late/);
});
