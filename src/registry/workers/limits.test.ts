import assert from 'node:assert/strict';
import test from 'node:test';
import { restartWait, workerLimits } from './limits.ts';

test('restartWait() grows up to a bound', () => {
  const waits = [0, 1, 2, 3, 100, 10_000].map(restartWait);
  assert.deepEqual(waits, [250, 250, 500, 1000, workerLimits.restart.longest, workerLimits.restart.longest]);
});
