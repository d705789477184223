import assert from 'node:assert/strict';
import { test } from 'node:test';
import { garbageLimits } from './limits.ts';
import { StepPace } from './step-pace.ts';

test('StepPace rests so long that steps take no more than their share', () => {
  let now = 0;
  const clock = (): number => now;
  for (const [share, busy, expected] of [
    [0.2, 10, 40],
    [0.1, 10, 90],
    [1, 10, garbageLimits.rest],
    [0.5, 0, garbageLimits.rest],
    [0.01, 5000, garbageLimits.longestRest],
  ] as const) {
    const pace = new StepPace(share, clock);
    now += busy;
    assert.equal(Math.round(pace.restAfterStep()), expected, `${share} ${busy}`);
    now += expected;
    pace.beginStep();
    assert.equal(pace.restAfterStep(), garbageLimits.rest, 'a rest is no step');
  }
});
