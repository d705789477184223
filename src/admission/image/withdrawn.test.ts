import assert from 'node:assert/strict';
import test from 'node:test';
import {
  type Bench,
  bench,
  down,
  flawless,
  question,
  signed,
  start,
  unsigned,
} from '../../../testing/admission/image-bench.ts';
import type { KeptVerdict, VerdictStore } from '../verdict-cache/model.ts';
import { imageLimits } from './limits.ts';

const never = new AbortController().signal;
const hour = 3_600_000;

/** A store as a cluster's is: one verdict for each question, which the next start is given in any order. */
function storeOf(order: (all: KeptVerdict[]) => KeptVerdict[] = (all) => all): {
  readonly kept: Map<string, KeptVerdict>;
  readonly store: VerdictStore;
} {
  const kept = new Map<string, KeptVerdict>();
  const store: VerdictStore = {
    put: (one) => void kept.set(one.key, one),
    follow: (take) => Promise.resolve(order([...kept.values()]).forEach(take)),
  };
  return { kept, store };
}

async function decisionOf(it: Bench, asked = question()): Promise<string> {
  const { verdict, note } = await it.judge.judge(asked, never);
  return note === undefined ? verdict.decision : `${verdict.decision} since it was before`;
}

/** A start of another process while its registry is down. */
async function restarted(store: VerdictStore, after: number, database = 'a'): Promise<Bench> {
  const next = bench(store);
  Object.assign(next, { answer: down, database });
  next.clock.set(start + after);
  await next.judge.follow(never);
  return next;
}

for (const [what, order] of [
  ['in the order they were written', (all: KeptVerdict[]) => all],
  ['the newest first', (all: KeptVerdict[]) => all.toReversed()],
] as const) {
  test(`what was denied after it had been allowed does not pass at the next start in an outage, told ${what}`, async () => {
    const { store, kept } = storeOf(order);
    const each = bench(store);
    assert.equal(await decisionOf(each), 'allow');
    assert.equal(await decisionOf(await restarted(store, hour)), 'allow since it was before');
    each.clock.set(start + hour);
    each.answer = unsigned;
    assert.equal(await decisionOf(each), 'deny');
    assert.equal(kept.size, 1);
    assert.equal(await decisionOf(await restarted(store, 2 * hour)), 'undecided');
    // Until what was allowed would be too old by itself.
    assert.equal(await decisionOf(await restarted(store, imageLimits.staleTime - 1)), 'undecided');
    // Signed again, it counts again.
    each.clock.set(start + 3 * hour);
    each.answer = signed;
    assert.equal(await decisionOf(each), 'allow');
    assert.equal(await decisionOf(await restarted(store, 4 * hour)), 'allow since it was before');
  });

  test(`what one database denied is not let pass by what another one had allowed, told ${what}`, async () => {
    const { store, kept } = storeOf(order);
    const each = bench(store);
    const asked = question({ policy: flawless });
    assert.equal(await decisionOf(each, asked), 'allow');
    each.database = 'b';
    each.answer = unsigned;
    each.clock.set(start + hour);
    assert.equal(await decisionOf(each, asked), 'deny');
    assert.equal(kept.size, 2);
    for (const database of ['a', 'b', 'c']) {
      assert.equal(await decisionOf(await restarted(store, 2 * hour, database), asked), 'undecided');
    }
  });
}

test('what nobody ever allowed is told to nobody', async () => {
  const { store, kept } = storeOf();
  const each = bench(store);
  each.answer = unsigned;
  assert.equal(await decisionOf(each), 'deny');
  assert.equal(kept.size, 0);
});

test('what is denied before it is known that it had been allowed is told once that is', async () => {
  const { store, kept } = storeOf();
  const before = bench(store);
  await decisionOf(before);
  const each = bench(store);
  each.answer = unsigned;
  each.clock.set(start + hour);
  assert.equal(await decisionOf(each), 'deny');
  assert.equal([...kept.values()][0]?.verdict.decision, 'allow');
  await each.judge.follow(never);
  assert.equal([...kept.values()][0]?.verdict.decision, 'deny');
  assert.equal(await decisionOf(await restarted(store, 2 * hour)), 'undecided');
});

test('a denial of another replica ends what is allowed here, which is judged anew', async () => {
  const { store, kept } = storeOf();
  const one = bench(store);
  await decisionOf(one);
  const other = bench(store);
  await other.judge.follow(never);
  assert.equal(await decisionOf(other), 'allow');
  one.clock.set(start + hour);
  one.answer = unsigned;
  await decisionOf(one);
  other.answer = unsigned;
  other.clock.set(start + hour - 1);
  await other.judge.follow(never);
  assert.equal(await decisionOf(other), 'deny');
  assert.equal(other.asked.length, 1);
  assert.deepEqual(
    [...kept.values()].map(({ verdict }) => verdict.decision),
    ['deny'],
  );
});

test('another database has only those policies judged anew that ask for flaws', async () => {
  const each = bench();
  const both = async (): Promise<number> => {
    await decisionOf(each);
    await decisionOf(each, question({ policy: flawless }));
    return each.asked.length;
  };
  each.answer = signed;
  const first = await both();
  each.database = 'b';
  assert.equal((await both()) - first, first - 1);
  each.revision = '2';
  const anew = each.asked.length;
  await both();
  assert.equal(each.asked.length - anew, first);
});
