import assert from 'node:assert/strict';
import test from 'node:test';
import {
  type Bench,
  bench,
  down,
  flawless,
  question,
  start,
  unsigned,
} from '../../../testing/admission/image-bench.ts';
import type { KeptVerdict, VerdictStore } from '../verdict-cache/model.ts';
import { imageLimits } from './limits.ts';

const never = new AbortController().signal;

test('another database has all judged anew, and what was verified by the one before counts while nobody can be asked', async () => {
  const kept: KeptVerdict[] = [];
  const store: VerdictStore = {
    put: (one) => void kept.push(one),
    follow: (take) => Promise.resolve(kept.forEach(take)),
  };
  const each = bench(store);
  const ask = async (it: Bench): Promise<string> => {
    const { verdict, note = '' } = await it.judge.judge(question({ policy: flawless }), never);
    return `${verdict.decision} ${note.split(',')[0]}`.trimEnd();
  };
  const stale = 'allow the registry cannot be asked now';
  assert.equal(await ask(each), 'allow');
  each.database = 'b';
  assert.equal(await ask(each), 'allow');
  assert.equal(each.asked.length, 2);
  each.database = 'c';
  each.answer = down;
  assert.equal(await ask(each), stale);
  each.answer = { state: 'pending' };
  each.clock.set(start + imageLimits.silentTime);
  assert.equal(await ask(each), 'allow it is still being looked at anew');
  // The next start knows it too, and whom to trust counts as before.
  const next = bench(store);
  Object.assign(next, { database: 'd', answer: down });
  await next.judge.follow(never);
  assert.equal(await ask(next), stale);
  next.revision = '2';
  assert.equal(await ask(next), 'undecided');
  // What was found wrong by the newer one is not forgotten for what the older one said.
  each.answer = unsigned;
  each.clock.set(start + 2 * imageLimits.silentTime);
  assert.equal(await ask(each), 'deny');
  each.answer = down;
  each.database = 'e';
  each.clock.set(start + 2 * imageLimits.silentTime + imageLimits.badTime);
  assert.equal(await ask(each), 'undecided');
});
