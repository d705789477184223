import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { jvmRelease } from './cataloger.ts';

const release = 'JAVA_VERSION="21.0.1"\nMODULES="java.base"\n';

test('jvmRelease.read() gives the runtime of a Java home', () => {
  assert.deepEqual(jvmRelease.read(catalogFile('opt/java/openjdk/release', release)).facts, [
    {
      kind: 'package',
      package: { type: 'generic', name: 'openjdk', version: '21.0.1', licenses: [], cataloger: 'jvm-release' },
    },
  ]);
});

test('jvmRelease.read() finds nothing elsewhere', () => {
  assert.deepEqual(jvmRelease.read(catalogFile('etc/release', release)), { facts: [] });
});
