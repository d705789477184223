import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { composer } from './cataloger.ts';

test('composer.read() reports entries that it had to leave out', () => {
  const path = 'app/vendor/composer/installed.json';
  const { facts, problems } = composer.read(
    catalogFile(path, '[{"name":"a/b","version":"1"},{"name":7,"version":"1"}]'),
  );
  assert.deepEqual(facts, [
    { kind: 'package', package: { type: 'composer', name: 'a/b', version: '1', licenses: [], cataloger: 'composer' } },
  ]);
  assert.deepEqual(
    problems?.map(({ code, subject }) => [code, subject]),
    [['PACKAGES_UNREADABLE', path]],
  );
});

test('composer.read() has no problem with an empty list', () => {
  assert.deepEqual(composer.read(catalogFile('vendor/composer/installed.json', '[]')), { facts: [], problems: [] });
});
