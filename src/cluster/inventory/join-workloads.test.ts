import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerOf, digestOf, ownedBy, podOf } from '../../../testing/kubernetes/cluster/objects.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { allKinds, type ListedKind } from '../kinds.ts';
import { clusterLimits } from '../limits.ts';
import type { Workload } from '../model.ts';
import { compileSelection } from '../selection.ts';
import { type Controllers, keepController } from './controllers.ts';
import { joinWorkloads } from './join-workloads.ts';
import { beginPodTally, countPod } from './pod-tally.ts';

function kindOf(name: string): ListedKind {
  return allKinds.find(({ kind }) => kind === name) ?? assert.fail(name);
}

function join(pods: readonly object[], others: Readonly<Record<string, readonly object[]>> = {}): readonly Workload[] {
  const tally = beginPodTally();
  for (const pod of pods) countPod(tally, pod as KubernetesObject, () => undefined);
  const controllers: Controllers = new Map();
  for (const [kind, objects] of Object.entries(others)) {
    for (const object of objects) keepController(controllers, kindOf(kind), object as KubernetesObject);
  }
  return joinWorkloads({ pods: [tally], controllers, accountSecrets: new Map() }, compileSelection());
}

const containers = [{ name: 'app', image: 'app:1', imageId: `app@${digestOf(1)}` }];

test('joinWorkloads() comes to an end where owners go in a circle', () => {
  const set = (name: string, owner: string): object =>
    controllerOf(name, { app: 'app:1' }, { metadata: ownedBy('apps/v1', 'ReplicaSet', owner) });
  const found = join([podOf({ name: 'p', containers, metadata: ownedBy('apps/v1', 'ReplicaSet', 'a') })], {
    ReplicaSet: [set('a', 'b'), set('b', 'a'), set('self', 'self')],
  });
  assert.deepEqual(
    found.map(({ name, pods }) => [name, pods]),
    [
      ['a', 1],
      ['b', 0],
      ['self', 0],
    ],
  );
});

test('joinWorkloads() takes no owner of the same name for the one that is meant', () => {
  const metadata = ownedBy('apps/v1', 'StatefulSet', 'db', 'uid-of-before');
  const found = join([podOf({ name: 'db-0', containers, metadata })], {
    StatefulSet: [controllerOf('db', { app: 'app:1' })],
  });
  assert.deepEqual(
    found.map(({ name, uid, pods }) => [name, uid, pods]),
    [
      ['db', 'uid-db', 0],
      ['db', 'uid-of-before', 1],
    ],
  );
});

test('joinWorkloads() names the owner of what was not listed, with what its ReplicaSet says', () => {
  const metadata = ownedBy('apps/v1', 'Deployment', 'web');
  const found = join([], { ReplicaSet: [controllerOf('web-1', { app: 'app:1' }, { metadata })] });
  assert.deepEqual(
    found.map(({ kind, name, labels, created, images }) => [
      kind,
      name,
      labels,
      created,
      images.map(({ image }) => image),
    ]),
    [['Deployment', 'web', {}, undefined, ['app:1']]],
  );
});

test('joinWorkloads() passes over owners that control nothing, and those that cannot be', () => {
  for (const owner of [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u', controller: false },
    { apiVersion: 'v1', kind: '', name: 'c', uid: 'u', controller: true },
    { controller: true },
    // Nothing has such names, and whoever may make Pods may write them.
    { apiVersion: 'apps/v1', kind: 'Deployment', name: 'n'.repeat(254), uid: 'u', controller: true },
    { apiVersion: 'apps/v1', kind: 'K'.repeat(64), name: 'n', uid: 'u', controller: true },
    { apiVersion: `${'g'.repeat(400)}/v1`, kind: 'Kind', name: 'n', uid: 'u', controller: true },
    'text',
  ]) {
    const found = join([podOf({ name: 'p', containers, metadata: { ownerReferences: [owner] } })]);
    assert.deepEqual(
      found.map(({ kind, name }) => `${kind}/${name}`),
      ['Pod/p'],
    );
  }
});

test('joinWorkloads() bounds what a hostile cluster may have it keep', () => {
  const many = Array.from({ length: clusterLimits.images + 5 }, (_, at) => ({ name: `c${at}`, image: `app:${at}` }));
  const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`l${at}`, 'x']));
  const [found] = join([podOf({ name: 'p', containers: many, metadata: { labels } })]);
  assert.equal(found?.images.length, clusterLimits.images);
  assert.match(found?.unreadable[0] ?? '', /^5 images are more than are looked at$/);
  assert.equal(Object.keys(found?.labels ?? {}).length, clusterLimits.labels);
  const metadata = ownedBy('apps/v1', 'StatefulSet', 's');
  const each = many.map(({ image }, at) => podOf({ name: `p${at}`, containers: [{ name: 'app', image }], metadata }));
  const [set] = join(each);
  assert.equal(set?.images.length, clusterLimits.images);
  assert.match(set?.unreadable[0] ?? '', /more than 1000 images/);
});

const odd: readonly (readonly [what: string, pod: object])[] = [
  ['nothing', { metadata: { name: 'p' } }],
  ['lists that are none', { metadata: { name: 'p' }, spec: { containers: 7, volumes: {} }, status: 'x' }],
  [
    'members that are none',
    { metadata: { name: 'p' }, spec: { containers: [null, 'x', { image: 7 }] }, status: { containerStatuses: [null] } },
  ],
  ['owners that are none', { metadata: { name: 'p', ownerReferences: 'x', labels: [1] }, spec: {} }],
];
for (const [what, pod] of odd) {
  test(`joinWorkloads() takes a Pod with ${what} as it is`, () => {
    const [found] = join([pod]);
    assert.equal(found?.name, 'p');
    assert.deepEqual(found.images, []);
  });
}
