import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testKeyDeps } from '../../testing/key-deps.ts';
import { untilAborted } from '../base/shared-calls.ts';
import { inTime } from './cloud.ts';

test('whatever takes too long ends in a coded error, and what ends before is itself', async () => {
  await using deps = await testKeyDeps();
  const never = new Promise<never>(() => undefined);
  const slow = inTime(deps, ({ signal }) => untilAborted(never, signal), 5);
  await assert.rejects(slow, { code: 'SERVICE_UNAVAILABLE', message: /no token in time; try again/ });
  assert.equal(await inTime(deps, () => Promise.resolve(1)), 1);
  const failure = new Error('no');
  await assert.rejects(
    inTime(deps, () => Promise.reject(failure)),
    (error) => error === failure,
  );
});
