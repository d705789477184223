import assert from 'node:assert/strict';
import test from 'node:test';
import { imagesOfPods } from '../../policy/resource/images.ts';
import { runningSubject } from './running-subject.ts';
import { scannedTypes } from './scanned-types.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const [pods] = scannedTypes;

const cases: readonly (readonly [image: string, imageID: string, expected: string])[] = [
  ['ghcr.io/org/app:1', `ghcr.io/org/app@${digest}`, `ghcr.io/org/app:1@${digest}`],
  ['ghcr.io/org/app:1', `docker-pullable://mirror.example/app@${digest}`, `ghcr.io/org/app:1@${digest}`],
  ['ghcr.io/org/app:1', digest, 'ghcr.io/org/app:1'],
  ['ghcr.io/org/app:1', '', 'ghcr.io/org/app:1'],
  [`app@sha256:${'b'.repeat(64)}`, `app@${digest}`, `app@sha256:${'b'.repeat(64)}`],
];
for (const [image, imageID, expected] of cases) {
  test(`${image} that runs as ${imageID} is judged as ${expected}`, () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default' },
      spec: { containers: [{ name: 'a', image }], initContainers: [{ name: 'a', image: 'init:1' }] },
      status: { containerStatuses: [{ name: 'a', imageID }, { name: 'b', imageID: `x@${digest}` }, 7] },
    };
    const subject = runningSubject(pod, pods ?? assert.fail());
    assert.equal(subject.operation, 'audit');
    assert.deepEqual(
      imagesOfPods(subject).images.map((each) => each.image),
      [expected, 'init:1'],
    );
  });
}
