import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubernetesLab } from '../../../../testing/kubernetes/kubernetes-lab.ts';
import { silentLogger } from '../../../base/logger.ts';
import type { Discovery } from '../../../kubernetes/discovery/model.ts';
import { KubernetesError } from '../../../kubernetes/error.ts';
import type { KubernetesObject } from '../../../kubernetes/model.ts';
import { ProviderBundles, type ProviderBundlesParts } from './provider-bundles.ts';

const resource = {
  group: 'externaldata.gatekeeper.sh',
  version: 'v1beta1',
  resource: 'providers',
  kind: 'Provider',
  namespaced: false,
};

function providerOf(name: string): KubernetesObject {
  const spec = { url: `https://x.y.svc:8444/gatekeeper/${name}`, timeout: 3, caBundle: 'b2xk' };
  return { apiVersion: 'externaldata.gatekeeper.sh/v1beta1', kind: 'Provider', metadata: { name }, spec };
}

/** A cluster with these Providers, and what was told. */
function clusterOf(...names: readonly string[]): {
  readonly objects: Map<string, KubernetesObject>;
  readonly client: ProviderBundlesParts['client'];
} {
  const objects = new Map(names.map((name) => [name, providerOf(name)]));
  return {
    objects,
    client: {
      get: (_type, name) => Promise.resolve(objects.get(name)),
      discover: () => Promise.resolve({ resources: [], failures: [] }),
      patch(_type, name, { body }) {
        const found = objects.get(name);
        if (found === undefined) return Promise.reject(new KubernetesError('NOT_FOUND', 'gone'));
        const { spec } = body as { readonly spec: object };
        const patched = { ...found, spec: { ...(found['spec'] as object), ...spec } };
        objects.set(name, patched);
        return Promise.resolve(patched);
      },
    },
  };
}

function specOf(objects: ReadonlyMap<string, KubernetesObject>, name: string): Readonly<Record<string, unknown>> {
  return objects.get(name)?.['spec'] as Readonly<Record<string, unknown>>;
}

test('the leader gives Providers a bundle, and leaves the rest of them alone', async () => {
  const { objects, client } = clusterOf('verify', 'mutate', 'other');
  let leads = false;
  const bundles = new ProviderBundles({
    client,
    names: ['verify', 'mutate'],
    leads: () => leads,
    logger: silentLogger,
  });
  assert.equal(await bundles.publish('PEM'), false);
  assert.equal(specOf(objects, 'verify')['caBundle'], 'b2xk');
  leads = true;
  assert.equal(await bundles.publish('PEM'), true);
  for (const name of ['verify', 'mutate']) {
    assert.deepEqual(specOf(objects, name), { ...(providerOf(name)['spec'] as object), caBundle: 'UEVN' });
  }
  assert.equal(specOf(objects, 'other')['caBundle'], 'b2xk');
  // Whoever does not lead sees that it is done.
  leads = false;
  assert.equal(await bundles.publish('PEM'), true);
});

test('a Provider that is not there keeps nobody waiting, and is told of once until it is there', async () => {
  const { objects, client } = clusterOf();
  const told: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void told.push(message) };
  const bundles = new ProviderBundles({ client, names: ['verify'], leads: () => true, logger });
  for (let look = 0; look < 3; look += 1) assert.equal(await bundles.publish('PEM'), true);
  assert.equal(told.length, 1);
  objects.set('verify', providerOf('verify'));
  await bundles.publish('PEM');
  assert.equal(specOf(objects, 'verify')['caBundle'], 'UEVN');
  objects.delete('verify');
  await bundles.publish('PEM');
  assert.equal(told.length, 2);
});

test('a Provider that comes to be, or that others write, has the bundle moments later, by whoever leads', async () => {
  const { objects, client } = clusterOf('verify');
  const ended = new AbortController();
  let leads = true;
  const bundles = new ProviderBundles({
    client,
    names: ['verify', 'mutate'],
    leads: () => leads,
    logger: silentLogger,
  });
  const turns: (() => void)[] = [];
  const slept: number[] = [];
  const clock = {
    sleep: async (milliseconds: number): Promise<void> => {
      slept.push(milliseconds);
      await new Promise<void>((done) => turns.push(done));
    },
  };
  const done = bundles.run(clock, ended.signal);
  /** One look. */
  const turn = async (): Promise<void> => {
    turns.shift()?.();
    while (turns.length === 0) await new Promise((next) => setImmediate(next));
  };
  // Before anything was published, nobody is told.
  await turn();
  assert.equal(specOf(objects, 'verify')['caBundle'], 'b2xk');
  await bundles.publish('PEM');
  objects.set('mutate', providerOf('mutate'));
  objects.set('verify', providerOf('verify'));
  leads = false;
  await turn();
  assert.equal(specOf(objects, 'mutate')['caBundle'], 'b2xk');
  leads = true;
  await turn();
  for (const name of ['verify', 'mutate']) assert.equal(specOf(objects, name)['caBundle'], 'UEVN');
  ended.abort();
  turns.shift()?.();
  await done;
  assert.deepEqual([...new Set(slept)], [5000]);
});

test('one Provider that cannot be written does not keep the others from it', async () => {
  const { objects, client } = clusterOf('broken', 'verify');
  const forbidden: ProviderBundlesParts['client'] = {
    ...client,
    patch: (type, name, ...rest) =>
      name === 'broken' ? Promise.reject(new KubernetesError('FORBIDDEN', 'no')) : client.patch(type, name, ...rest),
  };
  const names = ['broken', 'verify'];
  const bundles = new ProviderBundles({ client: forbidden, names, leads: () => true, logger: silentLogger });
  await assert.rejects(bundles.publish('PEM'), { code: 'FORBIDDEN' });
  assert.equal(specOf(objects, 'verify')['caBundle'], 'UEVN');
});

test('a path that somebody on the way does not know is no Provider that is not there', async () => {
  const { client } = clusterOf();
  const get = (): Promise<never> => Promise.reject(new KubernetesError('NOT_FOUND', '404 page not found'));
  const kind = { ...resource, verbs: ['get'], shortNames: [], subresources: [] };
  for (const [discovery, known] of [
    [{ resources: [], failures: [] }, true],
    [{ resources: [kind], failures: [] }, false],
    [{ resources: [], failures: [{ groupVersion: 'externaldata.gatekeeper.sh/v1beta1', reason: 'down' }] }, false],
  ] as const) {
    const discover = (): Promise<Discovery> => Promise.resolve(discovery as unknown as Discovery);
    const parts = { client: { ...client, get, discover }, names: ['verify'], leads: () => true, logger: silentLogger };
    const published = new ProviderBundles(parts).publish('PEM');
    if (known) assert.equal(await published, true);
    else await assert.rejects(published, { code: 'NOT_FOUND' });
  }
});

test('a cluster without Gatekeeper has no Provider, which is a value', async () => {
  await using lab = await kubernetesLab();
  const told: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void told.push(message) };
  const { client } = lab;
  const bundles = new ProviderBundles({ client, names: ['verify'], leads: () => true, logger });
  assert.deepEqual([await bundles.publish('PEM'), await bundles.publish('PEM'), told.length], [true, true, 1]);
});
