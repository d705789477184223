import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../../testing/kubernetes/cluster/objects.ts';
import { parseDigest } from '../../oci/digest.ts';
import { formatReference } from '../../oci/reference.ts';
import type { ImageUser } from '../running-images.ts';
import { waysOf } from './image-ways.ts';
import { scanLimits } from './limits.ts';

function user(namespace: string, image: string, pods: number): ImageUser {
  return { group: '', kind: 'Pod', namespace, name: image, containerKind: 'container', container: 'app', image, pods };
}

function repositoriesOf(users: readonly ImageUser[]): readonly string[] {
  const images = users.map(({ image }) => image);
  const found = waysOf({ images, users, pods: 1, platforms: [], digest: parseDigest(digestOf(1)) }, new Map());
  assert.ok('ways' in found);
  return found.ways.map(({ reference: { registry, repository } }) => formatReference({ registry, repository }));
}

test('waysOf() begins with what most Pods have, and lets the names of one namespace keep out none of another', () => {
  const many = Array.from({ length: scanLimits.ways + 3 }, (_, at) => user('evil', `a.example/x${at}:1`, 9));
  const found = repositoriesOf([...many, user('shop', 'b.example/web:1', 2), user('shop', 'b.example/old:1', 1)]);
  assert.equal(found.length, scanLimits.ways);
  assert.deepEqual(found.slice(0, 3), ['a.example/x0', 'b.example/web', 'a.example/x1']);
});

test('waysOf() takes one way for all that go it, whatever their namespaces', () => {
  const shared = [user('a', 'c.example/web:1', 1), user('b', 'c.example/web:2', 1)];
  assert.deepEqual(repositoriesOf([user('a', 'c.example/old:1', 1), ...shared]), ['c.example/web', 'c.example/old']);
});
