import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReference, parseReference } from '../../oci/reference.ts';
import { readImageName } from './image-spellings.ts';

const names: readonly (readonly [written: string, name: string | undefined])[] = [
  ['nginx', 'docker.io/library/nginx:latest'],
  ['DOCKER.IO/nginx', 'docker.io/library/nginx:latest'],
  ['registry-1.docker.io:443/nginx:1', 'docker.io/library/nginx:1'],
  ['GHCR.io:443/org/app:1', 'ghcr.io/org/app:1'],
  ['ghcr.io:444/org/app:1', 'ghcr.io:444/org/app:1'],
  ['LocalHost/app:1', 'localhost/app:1'],
  ['Registry/app:1', 'registry:443/app:1'],
  ['registry:443/app:1', 'registry:443/app:1'],
  ['registry:5000/app:1', 'registry:5000/app:1'],
  ['registry/app:1', 'docker.io/registry/app:1'],
  ['[::1]:443/app:1', '[::1]/app:1'],
  ['ghcr.io/Org/app', undefined],
];

for (const [written, name] of names) {
  test(`readImageName() reads ${written} as ${name ?? 'no name'}, whose text means the same`, () => {
    const reference = readImageName(written);
    assert.equal(reference && formatReference(reference), name);
    if (name !== undefined) assert.deepEqual(parseReference(name), reference);
  });
}
