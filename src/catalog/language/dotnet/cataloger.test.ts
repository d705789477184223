import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { dotnetDeps } from './cataloger.ts';

test('dotnetDeps.read() gives packages and reports what it had to leave out', () => {
  const document = { libraries: { 'A/1.0.0': { type: 'package' }, B: { type: 'package' } } };
  const { facts, problems } = dotnetDeps.read(catalogFile('app/App.deps.json', JSON.stringify(document)));
  assert.deepEqual(facts, [
    {
      kind: 'package',
      package: { type: 'nuget', name: 'A', version: '1.0.0', licenses: [], cataloger: 'dotnet-deps' },
    },
  ]);
  assert.equal(problems?.length, 1);
});
