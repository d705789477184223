import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubernetesLab } from '../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../testing/kubernetes/resource-types.ts';
import { listAll } from './list-all.ts';
import type { KubernetesObject, ResourceType } from './model.ts';

const { pods, namespaces, configMaps, customResourceDefinitions, subjectAccessReviews, secrets } = builtInTypes;

function pod(name: string, more: object = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [] }, ...more };
}

test('a client makes, reads, changes and removes objects', async () => {
  await using lab = await kubernetesLab();
  const { client } = lab;
  assert.equal(await client.get(pods, 'web'), undefined);
  const made = await client.create(pods, pod('web'));
  assert.equal(made.metadata.namespace, 'default');
  assert.deepEqual(await client.get(pods, 'web'), made);
  await assert.rejects(client.create(pods, pod('web')), { code: 'ALREADY_EXISTS', reason: 'AlreadyExists' });
  const replaced = await client.replace(pods, { ...made, spec: { containers: [{ name: 'a', image: 'b' }] } });
  assert.notEqual(replaced.metadata.resourceVersion, made.metadata.resourceVersion);
  await assert.rejects(client.replace(pods, made), { code: 'CONFLICT', message: /modified.*; read it again/ });
  const labelled = await client.patch(pods, 'web', { kind: 'merge', body: { metadata: { labels: { a: 'b' } } } });
  assert.deepEqual(labelled.metadata.labels, { a: 'b' });
  const tested = [{ op: 'test', path: '/metadata/labels/a', value: 'c' }];
  await assert.rejects(client.patch(pods, 'web', { kind: 'json', body: tested }), { code: 'INVALID', status: 422 });
  const strategic = { spec: { containers: [{ name: 'c', image: 'd' }] } };
  const two = await client.patch(pods, 'web', { kind: 'strategic', body: strategic });
  assert.equal((two['spec'] as { readonly containers: unknown[] }).containers.length, 2);
  const status = await client.patch(pods, 'web', {
    kind: 'merge',
    body: { status: { phase: 'x' } },
    subresource: 'status',
  });
  assert.deepEqual(status['status'], { phase: 'x' });
  const precise = { preconditions: { uid: 'another' } };
  await assert.rejects(client.remove(pods, 'web', precise), { code: 'CONFLICT' });
  assert.equal(await client.remove(pods, 'web', { dryRun: true }), true);
  assert.equal(await client.remove(pods, 'web'), true);
  assert.equal(await client.remove(pods, 'web'), false);
});

test('a client applies what a manager wants, twice with the same end', async () => {
  await using lab = await kubernetesLab();
  const { client, api } = lab;
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { b: 'c' } };
  const apply = { kind: 'apply', body, force: true } as const;
  const first = await client.patch(configMaps, 'a', apply, { fieldManager: 'seaworthy' });
  const second = await client.patch(configMaps, 'a', apply, { fieldManager: 'seaworthy' });
  assert.deepEqual(second, first);
  assert.deepEqual(api.calls.at(-1)?.query, { fieldManager: 'seaworthy', force: 'true' });
  await assert.rejects(client.patch(configMaps, 'a', apply), { code: 'REQUEST_INVALID' });
});

test('a client keeps to the namespace that it is told, and to the path', async () => {
  await using lab = await kubernetesLab();
  const { client, api } = lab;
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  await client.create(pods, pod('a', { metadata: { name: 'a', namespace: 'team' } }));
  assert.equal(await client.get(pods, 'a'), undefined);
  assert.equal((await client.get(pods, 'a', { namespace: 'team' }))?.metadata.namespace, 'team');
  const before = api.calls.length;
  for (const name of ['', '.', '..', 'a/b', 'a%2Fb', 'a?x', 'a#', 'ä', 'a'.repeat(300)]) {
    await assert.rejects(client.get(pods, name), { code: 'REQUEST_INVALID' }, name);
    await assert.rejects(client.get(pods, 'a', { namespace: name }), { code: 'REQUEST_INVALID' }, name);
  }
  await assert.rejects(client.get(namespaces, 'a', { namespace: 'b' }), { code: 'REQUEST_INVALID' });
  assert.equal(api.calls.length, before);
});

test('list() goes through pages, as of one version', async () => {
  await using lab = await kubernetesLab();
  const { client, api } = lab;
  api.seed(
    pods,
    ...Array.from({ length: 7 }, (_, index) => ({
      metadata: { name: `p${index}`, labels: { odd: String(index % 2) } },
    })),
  );
  const sizes: number[] = [];
  const versions = new Set<string>();
  const names: string[] = [];
  for await (const page of client.list(pods, { pageSize: 3 })) {
    sizes.push(page.objects.length);
    versions.add(page.resourceVersion);
    names.push(...page.objects.map(({ metadata }) => metadata.name));
    // What changes meanwhile is not part of it.
    api.seed(pods, { metadata: { name: `later${sizes.length}` } });
    assert.ok(page.objects.every(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Pod'));
  }
  assert.deepEqual([sizes, versions.size], [[3, 3, 1], 1]);
  assert.deepEqual(names, ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6']);
  const odd = await listAll(client, pods, { labelSelector: 'odd in (1)', fieldSelector: 'metadata.name!=p1' });
  assert.deepEqual(
    odd.objects.map(({ metadata }) => metadata.name),
    ['p3', 'p5'],
  );
  const none = await listAll(client, pods, { namespace: 'kube-system' });
  assert.deepEqual(none.objects, []);
});

test('list() gives the metadata of objects alone where that is asked', async () => {
  await using lab = await kubernetesLab();
  lab.api.seed(secrets, { metadata: { name: 'a', labels: { of: 'it' } }, data: { key: 'c2VjcmV0' } });
  for await (const { objects } of lab.client.list(secrets, { metadataOnly: true })) {
    const [found] = objects;
    assert.deepEqual(Object.keys(found ?? {}).sort(), ['apiVersion', 'kind', 'metadata']);
    assert.deepEqual([found?.kind, found?.metadata.labels], ['PartialObjectMetadata', { of: 'it' }]);
  }
  assert.equal(lab.api.calls.length, 1);
});

test('list() begins anew where it became too old, twice at most, and says so', async () => {
  await using lab = await kubernetesLab();
  const { client, api } = lab;
  api.seed(pods, ...Array.from({ length: 5 }, (_, index) => ({ metadata: { name: `p${index}` } })));
  const expired = { kind: 'status', status: 410, reason: 'Expired' } as const;
  const whole = (): Promise<number> => listAll(client, pods, { pageSize: 2 }).then(({ objects }) => objects.length);
  api.faults.inject(expired, { when: ({ query }) => query['continue'] !== undefined });
  const restarted: boolean[] = [];
  for await (const page of client.list(pods, { pageSize: 2 })) restarted.push(page.restarted);
  assert.deepEqual(restarted, [false, true, false, false]);
  api.faults.inject(expired, { when: ({ query }) => query['continue'] !== undefined });
  assert.equal(await whole(), 5);
  // The server's own word, not an injected one.
  const pages = client.list(pods, { pageSize: 2 })[Symbol.asyncIterator]();
  await pages.next();
  api.store.compact();
  assert.equal((await pages.next()).value?.restarted, true);
  api.faults.inject(expired, { when: ({ query }) => query['continue'] !== undefined, times: 2 });
  assert.equal(await whole(), 5);
  api.faults.inject(expired, { when: ({ query }) => query['continue'] !== undefined, times: 3 });
  await assert.rejects(whole(), { code: 'GONE' });
});

test('discover() tells of all types, in both forms, and of what could not be looked at', async () => {
  const found: unknown[] = [];
  for (const legacyDiscovery of [false, true]) {
    await using lab = await kubernetesLab({ legacyDiscovery, staleGroups: ['metrics.k8s.io/v1beta1'] });
    const { client } = lab;
    await client.create(customResourceDefinitions, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'ships.sea.example' },
      spec: {
        group: 'sea.example',
        scope: 'Namespaced',
        names: { plural: 'ships', kind: 'Ship', shortNames: ['sh'] },
        versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} } }],
      },
    });
    const { resources, failures } = await client.discover();
    assert.deepEqual(
      failures.map(({ groupVersion }) => groupVersion),
      ['metrics.k8s.io/v1beta1'],
    );
    const ship = resources.find(({ kind }) => kind === 'Ship') as ResourceType;
    const own = { apiVersion: 'sea.example/v1', kind: 'Ship', metadata: { name: 'a' } };
    assert.equal((await client.create(ship, own)).metadata.name, 'a');
    assert.deepEqual(resources.find(({ resource }) => resource === 'pods')?.subresources, [
      'status',
      'ephemeralcontainers',
    ]);
    found.push(resources.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)));
  }
  assert.deepEqual(found[0], found[1]);
});

test('a client asks questions that are kept nowhere, and for the version and readiness', async () => {
  await using lab = await kubernetesLab({ authorize: (user, { verb }) => user.username === 'admin' || verb === 'get' });
  const { client, api } = lab;
  const ask = (verb: string): Promise<unknown> =>
    client
      .review(subjectAccessReviews, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: 'someone', resourceAttributes: { verb, resource: 'pods' } },
      })
      .then(({ status }) => status);
  assert.deepEqual(await ask('get'), { allowed: true });
  assert.deepEqual(await ask('delete'), { allowed: false });
  assert.equal((await client.version()).gitVersion, 'v1.34.1');
  assert.equal(await client.readyz(), true);
  api.faults.inject({ kind: 'status', status: 500 });
  assert.equal(await client.readyz(), false);
});

test('a path of the server is read, within its bytes, and never another server', async () => {
  await using lab = await kubernetesLab();
  const { client } = lab;
  const found = await client.read('/api/v1/namespaces?limit=1');
  assert.equal(found?.['kind'], 'NamespaceList');
  assert.equal(await client.read('/api/v1/namespaces/none'), undefined);
  await assert.rejects(client.read('/api/v1/namespaces', { maxBytes: 10 }), { code: 'LIMIT_EXCEEDED' });
  for (const path of ['//evil.example/api', 'https://evil.example/', '@evil.example/']) {
    await assert.rejects(client.read(path), { code: 'REQUEST_INVALID' });
  }
});
