import assert from 'node:assert/strict';
import test from 'node:test';
import { runOutage } from '../../../testing/admission/registry-outage.ts';

const minute = 60_000;
const hour = 60 * minute;

/** What was verified two hours before counts no more by itself, and for a day where nobody can be asked. */
const outage = { lasts: 10 * minute, every: 20_000, age: 2 * hour };

test('a registry that answers 429 for ten minutes denies nothing that was verified, and admits nothing that was not', async () => {
  const { asked, denied, warnings, reasons, requests, recovers } = await runOutage(outage);
  assert.equal(denied, 0);
  assert.ok(asked >= 25, String(asked));
  assert.match(warnings.join('\n'), /the registry cannot be asked now, and it counts as it was verified on/);
  for (const reason of reasons) assert.match(reason, /team\/app:v2/);
  assert.match(reasons.join('\n'), /answered 429|asked too often/);
  // Each look is four requests at most, and pauses double.
  assert.ok(requests.length <= 48, String(requests.length));
  assert.equal(recovers, true);
});

test('a registry that says when it wants to be asked again is not asked before', async () => {
  const { denied, reasons, requests, recovers } = await runOutage({ ...outage, retryAfter: 300 });
  assert.equal(denied, 0);
  assert.match(reasons.join('\n'), /wants to be left alone until 20/);
  // Once at the beginning, and once after each five minutes.
  assert.ok(requests.length >= 2 && requests.length <= 6, String(requests));
  assert.equal(recovers, true);
});

test('what was verified too long ago counts no more', async () => {
  const { asked, denied } = await runOutage({ ...outage, lasts: minute, age: 25 * hour });
  assert.equal(denied, asked);
});
