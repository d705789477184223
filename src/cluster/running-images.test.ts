import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../testing/kubernetes/cluster/objects.ts';
import type { Digest } from '../oci/digest.ts';
import type { Workload, WorkloadImage } from './model.ts';
import { runningImages } from './running-images.ts';

const one = digestOf(1) as Digest;
const other = digestOf(2) as Digest;

function workload(name: string, ...images: readonly Partial<WorkloadImage>[]): Workload {
  return {
    group: 'apps',
    kind: 'Deployment',
    name,
    namespace: 'shop',
    uid: name,
    labels: {},
    pods: 1,
    serviceAccount: 'default',
    pullSecrets: [],
    images: images.map((image) => ({
      kind: 'container',
      container: 'app',
      image: 'app:1',
      inTemplate: true,
      running: [],
      undigested: 0,
      ...image,
    })),
    unreadable: [],
  };
}

function running(digest: Digest, pods: number, ...platforms: readonly string[]): WorkloadImage['running'] {
  return [{ digest, pods, platforms: platforms.map((platform) => ({ platform, pods })) }];
}

test('runningImages() tells each digest once, whatever it is called, and the most used first', () => {
  const workloads = [
    workload('a', { running: running(one, 1, 'linux/amd64') }),
    workload('b', { image: 'mirror/app:1', running: running(one, 2, 'linux/arm64') }),
    workload('c', { running: running(other, 5) }),
  ];
  assert.deepEqual(
    runningImages({ workloads }).map(({ digest, images, pods, platforms, users }) => [
      digest,
      images,
      pods,
      platforms,
      users.map(({ name }) => name),
    ]),
    [
      [other, ['app:1'], 5, [], ['c']],
      [one, ['app:1', 'mirror/app:1'], 3, ['linux/amd64', 'linux/arm64'], ['a', 'b']],
    ],
  );
});

test('runningImages() tells names of which no digest is known, apart from those of which one is', () => {
  const workloads = [
    workload('a', { running: running(one, 1), undigested: 2 }),
    workload('b', {}),
    workload('c', { container: 'x', running: running(one, 1) }, { container: 'y', running: running(one, 1) }),
  ];
  assert.deepEqual(
    runningImages({ workloads }).map(({ digest, pods, users }) => [digest, pods, users.length]),
    [
      [one, 3, 3],
      [undefined, 2, 2],
    ],
  );
});

test('runningImages() takes no name for a digest', () => {
  const workloads = [workload('a', { image: one, running: [] }), workload('b', { running: running(one, 1) })];
  assert.equal(runningImages({ workloads }).length, 2);
});
