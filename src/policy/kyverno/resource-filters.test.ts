import assert from 'node:assert/strict';
import test from 'node:test';
import { parseKindSelector } from './match/kind-selector.ts';
import { defaultResourceFilters } from './resource-filters.ts';

test('defaultResourceFilters names kinds as rules do', () => {
  assert.deepEqual(
    defaultResourceFilters.filter(({ kind }) => parseKindSelector(kind) === undefined),
    [],
  );
  assert.ok(defaultResourceFilters.some(({ kind, namespace }) => kind === '*/*' && namespace === 'kube-system'));
});
