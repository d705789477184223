import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { gemspec } from './cataloger.ts';

test('gemspec.read() falls back to the name of the file alone', () => {
  assert.deepEqual(
    gemspec.read(catalogFile('usr/lib/ruby/gems/3.1.0/specifications/default/a-b-1.0.gemspec', 'x')).facts,
    [{ kind: 'package', package: { type: 'gem', name: 'a-b', version: '1.0', licenses: [], cataloger: 'gemspec' } }],
  );
});

test('gemspec.read() finds nothing where nothing tells a version', () => {
  assert.deepEqual(gemspec.read(catalogFile('specifications/a.gemspec', 'x')), { facts: [] });
});
