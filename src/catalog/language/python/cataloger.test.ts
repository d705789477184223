import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { storedZip } from '../../../../testing/stored-zip.ts';
import { isSeaworthyError } from '../../../base/error.ts';
import { python } from './cataloger.ts';

const metadata = 'Metadata-Version: 1.1\nName: a\nVersion: 1.0\n';
const egg = storedZip({ 'a/__init__.py': '', 'EGG-INFO/PKG-INFO': metadata });
const facts = [
  { kind: 'package', package: { type: 'pypi', name: 'a', version: '1.0', licenses: [], cataloger: 'python' } },
];

for (const path of [
  'lib/a.dist-info/METADATA',
  'lib/a.egg-info/PKG-INFO',
  'lib/a.egg-info',
  'lib/a.egg/EGG-INFO/PKG-INFO',
]) {
  test(`python.read() reads ${path}`, () => {
    assert.deepEqual(python.read(catalogFile(path, metadata)).facts, facts);
  });
}

test('python.read() reads a zipped egg', () => {
  assert.deepEqual(python.read(catalogFile('lib/a-1.0-py3.9.egg', egg)).facts, facts);
});

const nothing: readonly (readonly [string, string, string | Buffer])[] = [
  ['metadata outside of a package folder', 'src/a/PKG-INFO', metadata],
  ['an egg that is no archive', 'lib/a.egg', metadata],
  ['an egg without metadata', 'lib/a.egg', storedZip({ 'PKG-INFO': metadata })],
];

for (const [what, path, content] of nothing) {
  test(`python.read() finds nothing in ${what}`, () => {
    assert.deepEqual(python.read(catalogFile(path, content)), { facts: [] });
  });
}

test('python.read() says that an egg is cut off', () => {
  assert.throws(() => python.read(catalogFile('lib/a.egg', egg.subarray(0, egg.length - 30))), isSeaworthyError);
});

test('python.read() survives hostile eggs', () => {
  assertSurvives([egg], (bytes) => python.read(catalogFile('lib/a.egg', bytes)));
});
