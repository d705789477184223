import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import { type ConditionOperator, conditionOperators } from './model.ts';

const strict = { keysArePatterns: false };
const exact = { keysArePatterns: true };

function holds(operator: ConditionOperator, key: unknown, value: unknown, style = strict): boolean {
  return evaluateCondition(operator, key as JsonValue, value as JsonValue, style, () => undefined);
}

const cases: readonly (readonly [key: unknown, operator: ConditionOperator, value: unknown, holds: boolean])[] = [
  ['a', 'Equals', 'a', true],
  ['a', 'Equal', 'b', false],
  ['app-1', 'Equals', 'app-*', true],
  ['app-*', 'Equals', 'app-1', false],
  ['1h', 'Equals', '60m', true],
  ['3600', 'Equals', '1h', false],
  [3600, 'Equals', '1h', false],
  ['1h', 'Equals', 3600, true],
  ['1024Mi', 'Equals', '1Gi', true],
  ['1.0', 'Equals', '1', true],
  ['1.0.0', 'Equals', '1.0', false],
  ['', 'Equals', '', true],
  ['', 'Equals', '*', true],
  [1, 'Equals', 1, true],
  [1, 'Equals', '1', true],
  [1, 'Equals', '1.0', true],
  [1.5, 'Equals', '1500m', false],
  [1, 'Equals', true, false],
  [true, 'Equals', true, true],
  [true, 'Equals', 'true', false],
  [null, 'Equals', null, true],
  [null, 'Equals', '', false],
  [[1, 2], 'Equals', [1, 2], true],
  [[1, 2], 'Equals', [2, 1], false],
  [{ a: 1 }, 'Equals', { a: 1 }, true],
  ['a', 'NotEquals', 'b', true],
  ['a', 'NotEqual', 'a*', false],
  [null, 'NotEquals', 'x', true],
  ['a', 'AnyIn', ['b', 'a'], true],
  ['a', 'In', ['b', 'a'], true],
  ['a', 'AnyIn', 'a', true],
  ['a', 'AnyIn', '["a"]', true],
  ['abc', 'AnyIn', ['x', 'a*'], true],
  [5, 'AnyIn', '1-10', true],
  [11, 'AnyIn', '1-10', false],
  [11, 'AnyIn', '1!-10', true],
  ['512Mi', 'AnyIn', '256Mi-1Gi', true],
  ['5m', 'AnyIn', '1m-10m', true],
  ['2024-01-01', 'AnyIn', '2024-01-01', true],
  [5, 'AnyIn', ['5', '6'], true],
  [true, 'AnyIn', ['true'], true],
  [['a', 'x'], 'AnyIn', ['a', 'b'], true],
  [['y', 'x'], 'AnyIn', ['a', 'b'], false],
  [[], 'AnyIn', ['a'], false],
  [['a', 'b'], 'AllIn', ['a', 'b', 'c'], true],
  [['a', 'x'], 'AllIn', ['a', 'b'], false],
  [['a', 'x'], 'In', ['a', 'b'], false],
  [['a', 'x'], 'AnyNotIn', ['a', 'b'], true],
  [['a', 'b'], 'AnyNotIn', ['a', 'b'], false],
  [['x', 'y'], 'AllNotIn', ['a', 'b'], true],
  [['x', 'a'], 'AllNotIn', ['a', 'b'], false],
  [['x', 'a'], 'NotIn', ['a', 'b'], false],
  ['x', 'NotIn', ['a', 'b'], true],
  ['*', 'AnyIn', ['a', 'b'], false],
  ['*', 'AnyNotIn', ['a', 'b'], true],
  ['a', 'AnyIn', null, false],
  ['a', 'AnyNotIn', null, false],
  [2, 'GreaterThan', 1, true],
  ['2', 'GreaterThan', '10', false],
  ['2Gi', 'GreaterThan', '1024Mi', true],
  ['2h', 'GreaterThan', '90m', true],
  ['1.10.0', 'GreaterThan', '1.9.0', true],
  ['1.10.0', 'LessThan', '1.9.0', false],
  [1, 'GreaterThanOrEquals', 1, true],
  [1, 'LessThanOrEquals', '1', true],
  [1, 'LessThan', 1, false],
  ['a', 'LessThan', 'b', false],
  [null, 'LessThan', 1, false],
  [[1], 'GreaterThan', 0, false],
  ['168h', 'LessThanOrEquals', '168h0m0s', true],
  [10, 'DurationGreaterThan', 5, true],
  ['10s', 'DurationLessThan', 5, false],
  ['1h', 'DurationGreaterThanOrEquals', '3600s', true],
  ['1h', 'DurationLessThanOrEquals', 'x', false],
];

for (const [key, operator, value, expected] of cases) {
  test(`${JSON.stringify(key)} ${operator} ${JSON.stringify(value)} is ${expected}`, () => {
    assert.equal(holds(operator, key, value), expected);
  });
}

describe('as Kyverno has it to the letter', () => {
  test('who writes a pattern is in every list', () => {
    assert.equal(holds('AnyIn', '*', ['a', 'b'], exact), true);
    assert.equal(holds('AllNotIn', '*', ['a', 'b'], exact), false);
  });
});

test('conditions hold or not, whatever they compare; and of a pair that deny each other at most one does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (key, value) => {
      const found = Object.fromEntries(conditionOperators.map((each) => [each, holds(each, key, value)]));
      assert.notEqual(found['Equals'], found['NotEquals']);
      assert.ok(!(found['GreaterThan'] === true && found['LessThanOrEquals'] === true));
      if (!Array.isArray(key)) assert.ok(!(found['AnyIn'] === true && found['AnyNotIn'] === true));
    }),
  );
});
