import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { npm } from './cataloger.ts';

test('npm.read() gives the package of a package root', () => {
  const { facts } = npm.read(catalogFile('app/node_modules/a/package.json', '{"name":"a","version":"1.0.0"}'));
  assert.deepEqual(facts, [
    { kind: 'package', package: { type: 'npm', name: 'a', version: '1.0.0', licenses: [], cataloger: 'npm' } },
  ]);
});

test('npm.read() does not even parse manifests inside of packages', () => {
  assert.deepEqual(npm.read(catalogFile('app/node_modules/a/test/bad/package.json', '{')), { facts: [] });
});

test('npm.read() finds nothing in a manifest without a version', () => {
  assert.deepEqual(npm.read(catalogFile('app/package.json', '{"name":"a"}')), { facts: [] });
});
