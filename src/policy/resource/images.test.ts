import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import { imagesOfPods } from './images.ts';

const spec = {
  initContainers: [{ name: 'setup', image: 'a:1' }],
  containers: [{ name: 'web', image: 'ghcr.io/b:2' }, { name: 'empty', image: '' }, { name: 'none' }, { image: 'c' }],
  ephemeralContainers: [{ name: 'debug', image: 'busybox' }],
  volumes: [
    { name: 'data', emptyDir: {} },
    { name: 'model', image: { reference: 'quay.io/m@sha256:0', pullPolicy: 'Always' } },
  ],
};

const found = [
  ['containers', 'web', 'ghcr.io/b:2', '/containers/0/image'],
  ['containers', '', 'c', '/containers/3/image'],
  ['initContainers', 'setup', 'a:1', '/initContainers/0/image'],
  ['ephemeralContainers', 'debug', 'busybox', '/ephemeralContainers/0/image'],
  ['volumes', 'model', 'quay.io/m@sha256:0', '/volumes/1/image/reference'],
];

const kinds: readonly (readonly [group: string, kind: string, path: readonly string[]])[] = [
  ['', 'Pod', ['spec']],
  ['', 'PodTemplate', ['template', 'spec']],
  ['', 'ReplicationController', ['spec', 'template', 'spec']],
  ['apps', 'Deployment', ['spec', 'template', 'spec']],
  ['apps', 'StatefulSet', ['spec', 'template', 'spec']],
  ['apps', 'DaemonSet', ['spec', 'template', 'spec']],
  ['apps', 'ReplicaSet', ['spec', 'template', 'spec']],
  ['batch', 'Job', ['spec', 'template', 'spec']],
  ['batch', 'CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'spec']],
];

for (const [group, kind, path] of kinds) {
  test(`imagesOfPods() of a ${kind} are those of all its containers and volumes`, () => {
    const object = path.reduceRight<unknown>((within, name) => ({ [name]: within }), spec) as JsonObject;
    const { images, unreadable } = imagesOfPods({ group, kind, object });
    assert.deepEqual(
      images.map((each) => [each.group, each.name, each.image, each.pointer]),
      found.map(([list, name, image, pointer]) => [list, name, image, `/${path.join('/')}${pointer}`]),
    );
    assert.deepEqual(unreadable, []);
  });
}

test('imagesOfPods() knows nothing of other kinds, nor of the same name in another group', () => {
  for (const [group, kind] of [
    ['', 'ConfigMap'],
    ['example.org', 'Pod'],
    ['', 'constructor'],
  ] as const) {
    assert.deepEqual(imagesOfPods({ group, kind, object: { spec } }).images, []);
  }
});

test('imagesOfPods() tells what it cannot read', () => {
  const broken = { containers: [1, { image: { a: 1 } }], initContainers: {}, volumes: [{ image: { reference: 5 } }] };
  const { images, unreadable } = imagesOfPods({
    group: '',
    kind: 'Pod',
    object: { spec: broken },
  });
  assert.deepEqual(images, []);
  assert.deepEqual(
    unreadable.map(({ pointer }) => pointer),
    ['/spec/containers/0', '/spec/containers/1/image', '/spec/initContainers', '/spec/volumes/0/image/reference'],
  );
});

test('imagesOfPods() tells of what stands in the way to the images and is no object', () => {
  const wrong: readonly (readonly [kind: string, object: JsonObject, pointer: string])[] = [
    ['Pod', { spec: [spec] }, '/spec'],
    ['PodTemplate', { template: 'x' }, '/template'],
    ['ReplicationController', { spec: { template: { spec: 1 } } }, '/spec/template/spec'],
    ['Pod', { spec: { volumes: [{ name: 'a', image: 'ghcr.io/a:1' }] } }, '/spec/volumes/0/image'],
  ];
  for (const [kind, object, pointer] of wrong) {
    const { images, unreadable } = imagesOfPods({ group: '', kind, object });
    assert.deepEqual([images, unreadable], [[], [{ pointer, why: 'it is no object' }]]);
  }
  assert.deepEqual(imagesOfPods({ group: '', kind: 'PodTemplate', object: { template: null } }).unreadable, []);
});
