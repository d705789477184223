import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeWorkloads } from '../../../testing/kubernetes/cluster/describe-inventory.ts';
import { seedGeneratedCluster } from '../../../testing/kubernetes/cluster/generated-cluster.ts';
import { listCounts } from '../../../testing/kubernetes/cluster/list-counts.ts';
import { seedSampleCluster } from '../../../testing/kubernetes/cluster/sample-cluster.ts';
import { kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { runningImages } from '../running-images.ts';
import type { ClusterInventory } from '../model.ts';
import { compileSelection, type SelectionRequest } from '../selection.ts';
import { listCluster } from './list-cluster.ts';

async function list(
  client: Pick<KubernetesClient, 'list' | 'version' | 'discover'>,
  request: SelectionRequest = {},
): Promise<ClusterInventory> {
  const selection = compileSelection(request);
  const { signal } = new AbortController();
  return await listCluster({ client, cluster: 'test', selection, now: () => new Date(0), signal });
}

const shop = [
  'shop Deployment/web: 4 of 4, pulled by web-pull account-pull',
  '  init setup ghcr.io/shop/setup:1: init in 4 (linux/amd64:2 linux/arm64:2)',
  '  sidecar log ghcr.io/shop/log:1: no digest in 4',
  '  container app ghcr.io/shop/web:1 (not of the template): webOld in 2 (linux/amd64:1 linux/arm64:1)',
  '  container app ghcr.io/shop/web:2: webNew in 1 (linux/arm64:1), no digest in 1',
  '  container mesh mesh/proxy:3 (not of the template): mesh in 4 (linux/amd64:2 linux/arm64:2)',
  '  container proxy nginx:1.29: proxy in 4 (linux/amd64:2 linux/arm64:2)',
  '  ephemeral sh busybox (not of the template): debug in 1 (linux/amd64:1)',
  'shop Rollout/cart: 1 of ?',
  '  container app ghcr.io/shop/cart:1: rollout in 1 (linux/amd64:1)',
  'shop StatefulSet/db of postgresql/db-cluster: 1 of 1',
  '  container db postgres:18: pinned in 1 (linux/amd64:1)',
];
const batch = [
  'batch CronJob/nightly: 1 of ?',
  '  container run ghcr.io/batch/run:1: job in 1 (linux/amd64:1)',
  'batch Job/once: 0 of 0',
  '  container run ghcr.io/batch/run:1: none',
];
const lone = [
  'default Pod/local: 1 of ?',
  '  container app built:dev: no digest in 1',
  'default Pod/model: 1 of ?',
  '  container app app:1: lone in 1 (linux/amd64:1)',
  '  volume weights ghcr.io/ml/model:1: model in 1 (linux/amd64:1)',
];
const system = [
  'kube-system DaemonSet/agent: 2 of 2',
  '  container agent agent:1: agent in 2 (linux/amd64:1 linux/arm64:1)',
  'kube-system Node/n1: 2 of ?',
  '  container etcd registry.k8s.io/etcd:3.6 (not of the template): etcd in 1 (linux/amd64:1)',
  '  container kube-apiserver registry.k8s.io/kube-apiserver:v1.34.1 (not of the template): etcd in 1 (linux/amd64:1)',
];

test('listCluster() tells what runs by its top controllers and running digests, and lists each kind once', async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  const found = await list(lab.client);
  assert.deepEqual(describeWorkloads(found), [...batch, ...lone, ...system, ...shop]);
  assert.deepEqual(found.gaps, []);
  assert.equal(found.version, 'v1.34.1');
  assert.deepEqual(
    found.nodes.map(({ name, runtime, architecture }) => [name, runtime, architecture]),
    [
      ['n1', 'containerd://2.1.4', 'amd64'],
      ['n2', 'containerd://2.1.4', 'arm64'],
    ],
  );
  assert.deepEqual(
    found.namespaces.map(({ name }) => name),
    ['batch', 'default', 'kube-system', 'shop'],
  );
  const web = found.workloads.find(({ name }) => name === 'web');
  assert.deepEqual(
    [web?.created, web?.labels, web?.serviceAccount],
    ['2026-02-01T00:00:00Z', { app: 'web' }, 'shopper'],
  );
  assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
  const counts = listCounts(lab.api.calls);
  assert.ok(Object.values(counts).every((count) => count === 1) && counts['pods'] === 1, JSON.stringify(counts));
  assert.equal(counts['services'], undefined);
});

/** Which nodes there are is not known where they are left out. */
function withoutPlatforms(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/\(linux.*?\)/, '()'));
}

const selections: readonly (readonly [what: string, SelectionRequest, readonly string[]])[] = [
  ['one namespace', { includeNamespaces: ['SHOP'] }, shop],
  ['namespaces by a pattern', { includeNamespaces: ['ba*', 'sho?'] }, [...batch, ...shop]],
  ['all but some namespaces', { excludeNamespaces: ['kube-*', 'shop'] }, [...batch, ...lone]],
  ['one kind', { includeKinds: ['sts'] }, shop.slice(-2)],
  ['a kind that is defined', { includeKinds: ['rollouts.argoproj.io'] }, shop.slice(-4, -2)],
  [
    'all but some kinds',
    { excludeKinds: ['Pod', 'deployments.apps', 'ds', 'node', 'CronJob'] },
    [...batch.slice(2), ...withoutPlatforms(shop.slice(-4))],
  ],
  ['no workload of another', { includeKinds: ['sts', 'rollout'], excludeOwned: true }, shop.slice(-4, -2)],
];
for (const [what, request, expected] of selections) {
  test(`listCluster() lists ${what}`, async () => {
    await using lab = await kubernetesLab();
    seedSampleCluster(lab.api);
    const found = await list(lab.client, request);
    assert.deepEqual(describeWorkloads(found), expected);
    assert.deepEqual(found.gaps, []);
  });
}

test('listCluster() lists few namespaces that are named by themselves', async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  await list(lab.client, { includeNamespaces: ['shop', 'batch'] });
  const asked = lab.api.calls.filter(({ resource }) => resource === 'pods').map(({ namespace }) => namespace);
  assert.deepEqual(asked, ['shop', 'batch']);
});

test('listCluster() counts objects of other kinds where they are asked for, and reads nothing of them', async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  const found = await list(lab.client, { includeKinds: ['cm', 'services', 'ClusterRole'] });
  assert.deepEqual(found.counts, [
    { group: '', kind: 'Service', total: 1, namespaces: [{ namespace: 'shop', count: 1 }] },
    { group: '', kind: 'ConfigMap', total: 1, namespaces: [{ namespace: 'shop', count: 1 }] },
    { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', total: 0, namespaces: [] },
  ]);
  assert.deepEqual(found.workloads, []);
  assert.deepEqual(Object.keys(listCounts(lab.api.calls)).sort(), ['clusterroles', 'configmaps', 'services']);
});

test('listCluster() tells what Pods run where nothing else may be listed', async () => {
  const allowed = new Set(['pods', 'nodes', 'namespaces']);
  await using lab = await kubernetesLab({ authorize: (_, { resource }) => allowed.has(resource) });
  seedSampleCluster(lab.api);
  const found = await list(lab.client, { includeNamespaces: ['sh*'] });
  const heads = describeWorkloads(found).filter((line) => !line.startsWith(' '));
  assert.deepEqual(heads, [
    'shop ReplicaSet/cart-1: 1 of ?',
    'shop ReplicaSet/web-1: 2 of ?, pulled by web-pull',
    'shop ReplicaSet/web-2: 2 of ?, pulled by web-pull',
    'shop StatefulSet/db: 1 of ?',
  ]);
  assert.ok(
    describeWorkloads(found).includes(
      '  container app ghcr.io/shop/web:1 (not of the template): webOld in 2 (linux/amd64:1 linux/arm64:1)',
    ),
  );
  assert.deepEqual(
    found.gaps.map(({ resource, namespace, loses }) => `${resource} of ${namespace}: ${loses}`),
    [
      'replicationcontrollers of shop: workloads',
      'serviceaccounts of shop: details',
      'daemonsets of shop: workloads',
      'deployments of shop: workloads',
      'replicasets of shop: workloads',
      'statefulsets of shop: workloads',
      'cronjobs of shop: workloads',
      'jobs of shop: workloads',
    ],
  );
  const rules = found.gaps.map(({ reason, rule }) => [reason, rule]);
  assert.deepEqual(rules[2], ['forbidden', { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['list'] }]);
});

test('listCluster() lists by namespace where the cluster may not be listed as a whole', async () => {
  const named = ['shop', 'batch', 'default', 'kube-system'];
  await using lab = await kubernetesLab({
    authorize: (_, { namespace, resource }) =>
      resource === 'nodes' || resource === 'namespaces' || (namespace !== '' && namespace !== 'default'),
  });
  seedSampleCluster(lab.api);
  const found = await list(lab.client, { includeNamespaces: named });
  assert.deepEqual(describeWorkloads(found), [...batch, ...system, ...shop]);
  assert.ok(
    found.gaps.length > 0 &&
      found.gaps.every(({ namespace, reason }) => namespace === 'default' && reason === 'forbidden'),
  );
});

test('listCluster() tells of kinds that the cluster has not, and of lists that fail', async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  const when = (name: string) => ({
    when: ({ resource }: { readonly resource: string }) => resource === name,
    times: 100,
  });
  lab.api.faults.inject({ kind: 'status', status: 404, reason: 'NotFound' }, when('cronjobs'));
  lab.api.faults.inject({ kind: 'status', status: 500, reason: 'InternalError' }, when('jobs'));
  lab.api.faults.inject({ kind: 'status', status: 403, reason: 'Forbidden' }, when('nodes'));
  const { gaps } = await list(lab.client);
  assert.deepEqual(
    gaps.map(({ resource, reason, loses, rule }) => [resource, reason, loses, rule]),
    [
      ['nodes', 'forbidden', 'details', { apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
      ['cronjobs', 'absent', 'workloads', undefined],
      ['jobs', 'failed', 'workloads', undefined],
    ],
  );
});

test('listCluster() takes neither a namespace that is not there nor a cluster that says nothing for an empty one', async () => {
  await using lab = await kubernetesLab();
  const { gaps } = await list(lab.client, { includeNamespaces: ['shpo'] });
  assert.deepEqual(
    gaps.map(({ kind, namespace, reason, loses }) => [kind, namespace, reason, loses]),
    [['Namespace', 'shpo', 'absent', 'workloads']],
  );
  await using closed = await kubernetesLab({ authorize: () => false });
  await assert.rejects(list(closed.client), { code: 'NOTHING_LISTED', message: /pods.*k8s --show-rbac/ });
  await using gone = await kubernetesLab();
  gone.api.tokens.clear();
  await assert.rejects(list(gone.client), { code: 'UNAUTHORIZED' });
});

test('listCluster() waits as it is told, and ends when it is told', async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  const whole = await list(lab.client);
  lab.api.faults.inject({ kind: 'status', status: 429, reason: 'TooManyRequests', retryAfter: 3 }, { times: 3 });
  assert.deepEqual(await list(lab.client), whole);
  const stop = new AbortController();
  lab.api.faults.inject(
    { kind: 'wait', until: new Promise(() => undefined) },
    { when: ({ resource }) => resource === 'pods' },
  );
  const running = listCluster({
    client: lab.client,
    cluster: 'test',
    selection: compileSelection(),
    now: () => new Date(0),
    signal: stop.signal,
  });
  setTimeout(() => stop.abort(new Error('over')), 50);
  await assert.rejects(running, /over/);
});

test('listCluster() lists 5,000 workloads with one list of each kind, and keeps little of them', async () => {
  await using lab = await kubernetesLab();
  seedGeneratedCluster(lab.api, { workloads: 5000, digests: 300, pods: 1 });
  const found = await list(lab.client);
  assert.equal(found.workloads.length, 5000);
  assert.equal(runningImages(found).length, 300);
  assert.equal(found.gaps.length, 0);
  assert.ok(Object.values(listCounts(lab.api.calls)).every((count) => count === 1));
  const pages = lab.api.calls.filter(({ resource }) => resource === builtInTypes.pods.resource);
  assert.equal(pages.length, 10);
  // As text; the Pods alone came in 10 times as much.
  assert.ok(JSON.stringify(found).length < 4_000_000);
});
