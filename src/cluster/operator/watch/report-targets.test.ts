import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, ownedBy, podOf, type TestPod } from '../../../../testing/kubernetes/cluster/objects.ts';
import type { KubernetesObject } from '../../../kubernetes/model.ts';
import { operatorLimits } from '../limits.ts';
import { reportTargets, type WantedReports } from './report-targets.ts';
import { JobOwners, NodePlatforms, RunningPods } from './running-pods.ts';

function wanted(pods: readonly TestPod[], jobs: readonly object[] = [], nodes: readonly object[] = []): WantedReports {
  const known = { pods: new RunningPods(), jobs: new JobOwners(), nodes: new NodePlatforms() };
  const put = (
    to: RunningPods | JobOwners | NodePlatforms,
    kind: string,
    objects: readonly object[],
    apiVersion = 'v1',
  ): void => {
    const whole = objects.map((object) => to.transform({ apiVersion, kind, ...object } as KubernetesObject));
    to.take({ kind: 'replaced', objects: whole });
  };
  put(
    known.pods,
    'Pod',
    pods.map((pod) => podOf({ namespace: 'shop', ...pod })),
  );
  put(known.jobs, 'Job', jobs, 'batch/v1');
  put(known.nodes, 'Node', nodes);
  return reportTargets({ ...known, hasNamespace: (name) => name !== 'quiet' });
}

/** What runs, in short. */
function lines({ targets }: WantedReports): readonly string[] {
  return [...targets].map(([key, { owner, container, image }]) => {
    const [digest = '', platform = ''] = image.split(' ');
    return `${key}: ${owner.kind} ${owner.name} ${container} ${Number.parseInt(digest.slice(-4), 16)} ${platform}`;
  });
}

const web = (number: number, name = 'web'): TestPod['containers'][number] => ({
  name,
  image: `registry.test/${name}:1`,
  imageId: `registry.test/${name}@${digestOf(number)}`,
});
const ofSet = { metadata: ownedBy('apps/v1', 'ReplicaSet', 'web-1') };

const cases: readonly (readonly [what: string, WantedReports, readonly string[]])[] = [
  [
    'a Pod that nobody controls is about itself',
    wanted([{ name: 'a', containers: [web(1)] }]),
    ['shop/pod-a-web: Pod a web 1 linux/amd64'],
  ],
  [
    'Pods of one ReplicaSet are one report for each container',
    wanted([
      { name: 'a', containers: [web(1), web(2, 'log')], ...ofSet },
      { name: 'b', containers: [web(1), web(2, 'log')], ...ofSet },
    ]),
    [
      'shop/replicaset-web-1-web: ReplicaSet web-1 web 1 linux/amd64',
      'shop/replicaset-web-1-log: ReplicaSet web-1 log 2 linux/amd64',
    ],
  ],
  [
    'the digest of the most Pods is reported',
    wanted([
      { name: 'a', containers: [web(3)], ...ofSet },
      { name: 'b', containers: [web(1)], ...ofSet },
      { name: 'c', containers: [web(3)], ...ofSet },
    ]),
    ['shop/replicaset-web-1-web: ReplicaSet web-1 web 3 linux/amd64'],
  ],
  [
    'of as many Pods, the newest is reported',
    wanted([
      {
        name: 'a',
        containers: [web(1)],
        metadata: { ...ofSet.metadata, creationTimestamp: '2026-01-01T00:00:00Z' },
      },
      {
        name: 'b',
        containers: [web(2)],
        metadata: { ...ofSet.metadata, creationTimestamp: '2026-01-02T00:00:00Z' },
      },
    ]),
    ['shop/replicaset-web-1-web: ReplicaSet web-1 web 2 linux/amd64'],
  ],
  [
    'a Pod of a custom resource or of a Node is about itself',
    wanted([
      { name: 'a', containers: [web(1)], metadata: ownedBy('argoproj.io/v1', 'Workflow', 'w') },
      { name: 'b', containers: [web(1)], metadata: ownedBy('v1', 'Node', 'n') },
    ]),
    ['shop/pod-a-web: Pod a web 1 linux/amd64', 'shop/pod-b-web: Pod b web 1 linux/amd64'],
  ],
  [
    'Jobs of a CronJob are the CronJob, also when they are done; other Pods that ended run nothing',
    wanted(
      [
        { name: 'a', phase: 'Succeeded', containers: [web(1)], metadata: ownedBy('batch/v1', 'Job', 'nightly-1') },
        { name: 'b', phase: 'Failed', containers: [web(2)], metadata: ownedBy('batch/v1', 'Job', 'once') },
        { name: 'c', phase: 'Failed', containers: [web(3)] },
      ],
      [
        {
          metadata: { name: 'nightly-1', namespace: 'shop', ...ownedBy('batch/v1', 'CronJob', 'nightly') },
        },
        { metadata: { name: 'once', namespace: 'shop' } },
      ],
    ),
    ['shop/cronjob-nightly-web: CronJob nightly web 1 linux/amd64', 'shop/job-once-web: Job once web 2 linux/amd64'],
  ],
  [
    'the platform is that of the node',
    wanted(
      [{ name: 'a', node: 'n1', containers: [web(1)] }],
      [],
      [{ metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' } } }],
    ),
    ['shop/pod-a-web: Pod a web 1 linux/arm64'],
  ],
  [
    'what has no digest yet, and namespaces that are left out, are not reported',
    wanted([
      { name: 'a', containers: [{ name: 'web', image: 'registry.test/web:1' }] },
      { name: 'b', namespace: 'quiet', containers: [web(1)] },
    ]),
    [],
  ],
];
for (const [what, found, expected] of cases) {
  test(`reportTargets(): ${what}`, () => {
    assert.deepEqual(lines(found), expected);
  });
}

test('reportTargets() knows each way to an image once, and each image once', () => {
  const { images } = wanted([
    { name: 'a', containers: [web(1)], spec: { imagePullSecrets: [{ name: 'pull' }] } },
    { name: 'b', containers: [web(1)], spec: { imagePullSecrets: [{ name: 'pull' }] } },
    { name: 'c', containers: [web(1)], spec: { serviceAccountName: 'runner' } },
  ]);
  const [image, ...others] = images.values();
  assert.deepEqual(others, []);
  assert.deepEqual(
    image?.places.map(({ reference, namespace, secrets, serviceAccount }) => [
      `${reference.registry}/${reference.repository}`,
      namespace,
      secrets,
      serviceAccount,
    ]),
    [
      ['registry.test/web', 'shop', ['pull'], 'default'],
      ['registry.test/web', 'shop', [], 'runner'],
    ],
  );
});

test('reportTargets() lets the names of one namespace keep out none of another', () => {
  const named = (namespace: string, repository: string): TestPod => {
    const image = `registry.test/${repository}`;
    return { namespace, name: repository, containers: [{ name: 'app', image, imageId: `${image}@${digestOf(1)}` }] };
  };
  const many = Array.from({ length: operatorLimits.places + 3 }, (_, at) => named('evil', `x${at}`));
  const [image] = wanted([...many, named('shop', 'web'), named('shop', 'old'), named('team', 'web')]).images.values();
  const places = image?.places.map(({ namespace, reference }) => `${namespace} ${reference.repository}`) ?? [];
  assert.equal(places.length, operatorLimits.places);
  assert.deepEqual(places.slice(0, 4), ['evil x0', 'shop web', 'team web', 'evil x1']);
});
