import assert from 'node:assert/strict';
import test from 'node:test';
import { isPause, paceSteps, runSteps, type Steps } from './steps.ts';

function* countTo(end: number): Steps<number> {
  let sum = 0;
  for (let at = 0; at < end; at += 1) {
    sum += at;
    if (isPause(at)) yield;
  }
  return sum;
}

/** Computing that would not end for a long time. */
function* endless(): Steps<never> {
  for (;;) yield;
}

test('runSteps() and paceSteps() give what the steps come to', async () => {
  assert.equal(runSteps(countTo(5000)), 12_497_500);
  assert.equal(await paceSteps(countTo(5000), new AbortController().signal), 12_497_500);
});

test('paceSteps() hears a timer that goes off meanwhile', async () => {
  const signal = AbortSignal.timeout(100);
  const from = performance.now();
  await assert.rejects(paceSteps(endless(), signal), { name: 'TimeoutError' });
  assert.ok(performance.now() - from < 2000);
});

test('paceSteps() does nothing for a signal that was given before, and throws what the steps throw', async () => {
  const reason = new Error('stop');
  await assert.rejects(paceSteps(countTo(1), AbortSignal.abort(reason)), reason);
  const failure = new Error('broken');
  // oxlint-disable-next-line require-yield
  function* failing(): Steps<void> {
    throw failure;
  }
  await assert.rejects(paceSteps(failing(), new AbortController().signal), failure);
});

test('isPause() is true at regular intervals', () => {
  const pauses = Array.from({ length: 10_240 }, (_, round) => round).filter(isPause);
  assert.equal(pauses.length, 10);
});
