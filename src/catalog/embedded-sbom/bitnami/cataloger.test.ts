import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { bitnami } from './cataloger.ts';

function component(id: string, purl: string): object {
  return { SPDXID: id, name: id, externalRefs: [{ referenceType: 'purl', referenceLocator: purl }] };
}

const document = JSON.stringify({
  spdxVersion: 'SPDX-2.3',
  packages: [
    component('SPDXRef-library', 'pkg:bitnami/libgeos@3.8.3-1?arch=amd64'),
    component('SPDXRef-main', 'pkg:bitnami/postgresql@16.1.0-2?arch=amd64&distro=debian-11'),
    component('SPDXRef-go', 'pkg:golang/example.org/x@v1.0.0'),
  ],
  documentDescribes: ['SPDXRef-main'],
});

const packages = [
  { type: 'bitnami', name: 'libgeos', version: '3.8.3-1', arch: 'amd64', licenses: [], cataloger: 'bitnami' },
  { type: 'bitnami', name: 'postgresql', version: '16.1.0-2', arch: 'amd64', licenses: [], cataloger: 'bitnami' },
].map((found) => ({ kind: 'package', package: found }));

test('bitnami.read() gives the components, and lets the described one own its folder', () => {
  const { facts } = bitnami.read(catalogFile('opt/bitnami/postgresql/.spdx-postgresql.spdx', document));
  assert.deepEqual(facts, [
    ...packages,
    {
      kind: 'ownership',
      type: 'bitnami',
      name: 'postgresql',
      arch: 'amd64',
      paths: [],
      directories: ['opt/bitnami/postgresql'],
    },
  ]);
});

test('bitnami.read() lets nobody own the common root', () => {
  const { facts } = bitnami.read(catalogFile('opt/bitnami/.spdx-postgresql.spdx', document));
  assert.deepEqual(facts, packages);
});

for (const path of [
  'opt/other/.spdx-a.spdx',
  'opt/bitnami/a/a.spdx',
  'opt/bitnami/a/.spdx-a.spdx/b.spdx',
  'myopt/bitnami/a/.spdx-a.spdx',
]) {
  test(`bitnami.read() leaves ${path}`, () => {
    assert.deepEqual(bitnami.read(catalogFile(path, document)), { facts: [] });
  });
}
