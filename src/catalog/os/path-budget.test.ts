import assert from 'node:assert/strict';
import test from 'node:test';
import { osLimits } from './limits.ts';
import { pathBudget } from './path-budget.ts';

test('pathBudget() keeps paths until their length together is spent, and says so', () => {
  const budget = pathBudget('db');
  const paths: string[] = [];
  const path = 'x'.repeat(osLimits.pathLength);
  const most = Math.floor(osLimits.ownedPathUnits / path.length);
  for (let index = 0; index < most; index += 1) budget.add(paths, path);
  assert.equal(paths.length, most);
  assert.deepEqual(budget.problems(), []);
  budget.add(paths, path);
  assert.equal(paths.length, most);
  assert.deepEqual(
    budget.problems().map(({ code, subject }) => [code, subject]),
    [['OWNERSHIP_INCOMPLETE', 'db']],
  );
});

test('pathBudget() leaves out empty and overlong paths without counting them', () => {
  const budget = pathBudget('db');
  const paths: string[] = [];
  for (const path of ['', 'x'.repeat(osLimits.pathLength + 1), 'a']) budget.add(paths, path);
  assert.deepEqual(paths, ['a']);
  assert.deepEqual(budget.problems(), []);
});
