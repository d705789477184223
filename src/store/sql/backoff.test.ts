import assert from 'node:assert/strict';
import test from 'node:test';
import { backoff } from './backoff.ts';

test('backoff() grows to a bound, and a random half of it is taken off', () => {
  const options = { first: 8, longest: 100 };
  const whole = [1, 2, 3, 7, 8, 1000].map((attempt) => backoff(attempt, options, 1));
  assert.deepEqual(whole, [8, 12, 18, 91.125, 100, 100]);
  assert.equal(backoff(1, options, 0), 4);
  assert.equal(backoff(1000, options, 0), 50);
});
