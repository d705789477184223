import assert from 'node:assert/strict';
import test from 'node:test';
import { suggest } from './suggest.ts';

const known = ['severity', 'format', 'skip-dirs', 'skip-files'];

for (const [word, meant] of [
  ['severty', 'severity'],
  ['SEVERITY', 'severity'],
  ['fromat', 'format'],
  ['skip-file', 'skip-files'],
  ['entirely-else', undefined],
  ['s'.repeat(1000), undefined],
] as const) {
  test(`suggest() answers ${meant ?? 'nothing'} to ${word.slice(0, 20)}`, () =>
    assert.equal(suggest(word, known), meant));
}
