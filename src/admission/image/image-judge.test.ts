import assert from 'node:assert/strict';
import test from 'node:test';
import {
  access,
  type Bench,
  bench,
  digest,
  down,
  policy,
  question,
  signed,
  start,
  unsigned,
} from '../../../testing/admission/image-bench.ts';
import { parseDigest } from '../../oci/digest.ts';
import { parseReference } from '../../oci/reference.ts';
import { compilePolicy } from '../../policy/compile.ts';
import type { KeptVerdict, VerdictStore } from '../verdict-cache/model.ts';
import { imageLimits } from './limits.ts';
import type { ImageQuestion } from './model.ts';

const other = parseDigest(`sha256:${'b'.repeat(64)}`);
const never = new AbortController().signal;

test('five hundred who ask for one image at once cause one verification', async () => {
  const each = bench();
  let go: () => void = () => undefined;
  each.hold = new Promise((resolve) => void (go = resolve));
  const all = Array.from({ length: 500 }, () => each.judge.judge(question(), never));
  go();
  const answers = await Promise.all(all);
  assert.equal(each.asked.length, 1);
  assert.ok(answers.every(({ verdict }) => verdict.decision === 'allow'));
});

const apart: readonly (readonly [what: string, ImageQuestion, change?: (bench: Bench) => void])[] = [
  ['another digest', question({ image: { reference: parseReference('ghcr.io/org/app:1'), digest: other } })],
  ['another repository', question({ image: { reference: parseReference('ghcr.io/org/other:1'), digest } })],
  ['another gate', question({ gate: 'audit' })],
  ['another trust', question(), (each) => void (each.revision = '2')],
];

for (const [what, second, change] of apart) {
  test(`a verdict says nothing of ${what}`, async () => {
    const each = bench();
    await each.judge.judge(question(), never);
    change?.(each);
    await each.judge.judge(second, never);
    assert.equal(each.asked.length, 2);
  });
}

test('a mutating and a validating webhook look at a registry once, also at the same time', async () => {
  const byDigest = { reference: { ...parseReference('ghcr.io/org/app:1'), digest }, digest };
  const second = question({ pins: false, image: byDigest, context: { a: 1 } });
  const each = bench();
  await each.judge.judge(question(), never);
  await each.judge.judge(second, never);
  assert.equal(each.asked.length, 1);
  const together = bench();
  await Promise.all([question(), second].map((one) => together.judge.judge(one, never)));
  assert.equal(together.asked.length, 1);
});

test('rules about tags are about the tag that an image is asked by, and about all that are asked by digest', async () => {
  const tagged = compilePolicy({
    ...policy.policy,
    rules: policy.policy.rules.map((rule) => ({ ...rule, match: { tags: [{ glob: '1' }] } })),
  });
  const each = bench();
  each.answer = unsigned;
  const decisions = ['app:1', 'app:2', `app:2@${digest}`, `app@${digest}`].map(async (name) => {
    const image = { reference: parseReference(`ghcr.io/org/${name}`), digest };
    return (await each.judge.judge(question({ policy: tagged, image }), never)).verdict.decision;
  });
  assert.deepEqual(await Promise.all(decisions), ['deny', 'allow', 'deny', 'deny']);
  assert.equal(each.asked.length, 1);
});

test('what a gate does with an image is part of what is asked, and what is asked at another time is judged at that time', async () => {
  const pinning = compilePolicy({
    ...policy.policy,
    rules: [...policy.policy.rules, { kind: 'digest', name: 'pinned', action: 'deny', pin: true, required: true }],
  });
  const each = bench();
  assert.equal((await each.judge.judge(question({ policy: pinning }), never)).verdict.pin, true);
  const second = await each.judge.judge(question({ policy: pinning, pins: false }), never);
  assert.deepEqual([second.verdict.decision, second.verdict.pin], ['deny', false]);
});

test('what is verified counts for an hour and whoever asks; what is not, for a moment', async () => {
  const each = bench();
  await each.judge.judge(question(), never);
  await each.judge.judge(question({ access: { ...access, podSecrets: ['team/pull'] } }), never);
  each.clock.set(start + imageLimits.goodTime - 1);
  assert.equal((await each.judge.judge(question(), never)).verdict.decision, 'allow');
  assert.deepEqual(each.seen, ['anew', 'kept', 'kept']);
  const bad = bench();
  bad.answer = unsigned;
  assert.equal((await bad.judge.judge(question(), never)).verdict.decision, 'deny');
  bad.answer = signed;
  assert.equal((await bad.judge.judge(question(), never)).verdict.decision, 'deny');
  bad.clock.set(start + imageLimits.badTime);
  assert.equal((await bad.judge.judge(question(), never)).verdict.decision, 'allow');
});

test('what is asked for all the time is judged anew before its time ends', async () => {
  const each = bench();
  await each.judge.judge(question(), never);
  each.clock.set(start + imageLimits.goodTime * imageLimits.aging + 1);
  await each.judge.judge(question(), never);
  assert.equal(each.asked.length, 2);
  await new Promise((resolve) => setImmediate(resolve));
  each.clock.set(start + imageLimits.goodTime + 1);
  await each.judge.judge(question(), never);
  assert.deepEqual(each.seen, ['anew', 'kept', 'kept']);
});

test('while a registry cannot be asked, what was verified counts for a day, and it says so', async () => {
  const each = bench();
  await each.judge.judge(question(), never);
  each.answer = down;
  each.clock.set(start + imageLimits.staleTime - 1);
  const { verdict, note } = await each.judge.judge(question(), never);
  assert.equal(verdict.decision, 'allow');
  assert.match(note ?? '', /cannot be asked now, and it counts as it was verified on 2026-01-01T00:00:00Z: ghcr\.io/);
  each.clock.set(start + imageLimits.staleTime + imageLimits.silentTime);
  assert.equal((await each.judge.judge(question(), never)).verdict.decision, 'undecided');
});

test('a registry that says nothing is waited for a moment where something older is known, and then not at all', async () => {
  const it = bench();
  await it.judge.judge(question(), never);
  it.clock.set(start + imageLimits.goodTime);
  it.hold = new Promise(() => undefined);
  const first = it.judge.judge(question(), never);
  await it.clock.tick();
  for (const answer of [await first, await it.judge.judge(question(), never)]) {
    assert.equal(answer.verdict.decision, 'allow');
    assert.match(answer.note ?? '', /cannot be asked now/);
  }
  assert.deepEqual(it.seen, ['anew', 'stale', 'stale']);
  const late = new AbortController();
  const waiting = it.judge.judge(question({ image: { ...question().image, digest: other } }), late.signal);
  late.abort(new Error('late'));
  await assert.rejects(waiting, /late/);
});

test('who has no more time gets what was known, and no error', async () => {
  const it = bench();
  await it.judge.judge(question(), never);
  it.clock.set(start + imageLimits.goodTime);
  it.hold = new Promise(() => undefined);
  const late = new AbortController();
  const waiting = it.judge.judge(question(), late.signal);
  late.abort(new Error('late'));
  assert.equal((await waiting).verdict.decision, 'allow');
});

test('what was never verified does not pass while a registry cannot be asked, which is not asked for each', async () => {
  const each = bench();
  each.answer = down;
  for (let time = 0; time < 10; time += 1) {
    assert.equal((await each.judge.judge(question(), never)).verdict.decision, 'undecided');
  }
  assert.equal(each.asked.length, 1);
  each.clock.set(start + imageLimits.silentTime);
  each.answer = signed;
  assert.equal((await each.judge.judge(question(), never)).verdict.decision, 'allow');
});

test('a signature that is found no longer ends what was verified, though the registry fell silent afterwards', async () => {
  const each = bench();
  await each.judge.judge(question(), never);
  each.clock.set(start + imageLimits.goodTime);
  each.answer = unsigned;
  assert.equal((await each.judge.judge(question(), never)).verdict.decision, 'deny');
  each.answer = down;
  each.clock.set(start + imageLimits.goodTime + imageLimits.badTime);
  assert.equal((await each.judge.judge(question(), never)).verdict.decision, 'undecided');
});

test('who may not see an image does not keep others from seeing it', async () => {
  const each = bench();
  each.answer = down;
  let go: () => void = () => undefined;
  each.hold = new Promise((resolve) => void (go = resolve));
  const first = each.judge.judge(question(), never);
  const second = each.judge.judge(question({ access: { ...access, podSecrets: ['team/pull'] } }), never);
  go();
  assert.equal((await first).verdict.decision, 'undecided');
  await second;
  assert.equal(each.asked.length, 2);
});

test('who gives up does not end the verification, which the next finds done', async () => {
  const each = bench();
  let go: () => void = () => undefined;
  each.hold = new Promise((resolve) => void (go = resolve));
  const late = new AbortController();
  const first = each.judge.judge(question(), late.signal);
  late.abort(new Error('deadline'));
  await assert.rejects(first, /deadline/);
  go();
  await new Promise((resolve) => setImmediate(resolve));
  await each.judge.judge(question(), never);
  assert.deepEqual([each.asked.length, each.seen], [1, ['kept']]);
});

test('replicas share what they verified, and only that', async () => {
  const kept: KeptVerdict[] = [];
  const store: VerdictStore = {
    put: (one) => void kept.push(one),
    follow: (take) => Promise.resolve(kept.forEach(take)),
  };
  const first = bench(store);
  await first.judge.judge(question(), never);
  const bad = bench(store);
  bad.answer = unsigned;
  await bad.judge.judge(question({ pins: false }), never);
  assert.equal(kept.length, 1);
  const second = bench(store);
  await second.judge.follow(never);
  await second.judge.judge(question(), never);
  assert.deepEqual([second.asked.length, second.seen], [0, ['kept']]);
});

test('whoever wants it is told of nothing that was found before, be it good or bad, and be the registry there or not', async () => {
  const each = bench();
  const ask = async (anew?: true): Promise<string> => {
    const { verdict } = await each.judge.judge(question(anew === undefined ? {} : { anew }), never);
    return `${verdict.decision} ${each.asked.length}`;
  };
  assert.equal(await ask(), 'allow 1');
  each.answer = unsigned;
  assert.equal(await ask(), 'allow 1');
  assert.equal(await ask(true), 'deny 2');
  each.answer = signed;
  assert.equal(await ask(true), 'allow 3');
  assert.equal(await ask(), 'allow 3', 'others go by what came of it');
  each.answer = down;
  assert.equal(await ask(true), 'undecided 4');
  assert.equal(await ask(), 'allow 4');
  const both = await Promise.all([ask(true), ask(true)]);
  assert.deepEqual(both, ['undecided 4', 'undecided 4'], 'who is silent is not asked again at once');
});

test('what passes since nobody could tell counts for a moment, and never in the place of what was verified', async () => {
  const open = compilePolicy({
    ...policy.policy,
    rules: policy.policy.rules.map((rule) => ({ ...rule, action: 'warn' })),
  });
  const kept: KeptVerdict[] = [];
  const each = bench({ put: (one) => void kept.push(one), follow: () => Promise.resolve() });
  const ask = async (): Promise<string> => {
    const { verdict, note } = await each.judge.judge(question({ policy: open }), never);
    return `${verdict.decision}${verdict.rules.map(({ outcome }) => ` ${outcome}`).join('')}${note === undefined ? '' : ' stale'}`;
  };
  each.answer = down;
  assert.equal(await ask(), 'allow undecided');
  assert.deepEqual(kept, [], 'nobody else goes by it');
  each.answer = signed;
  each.clock.set(start + imageLimits.silentTime);
  assert.equal(await ask(), 'allow passed');
  each.answer = down;
  each.clock.set(start + imageLimits.silentTime + imageLimits.goodTime);
  const late = ask();
  await each.clock.tick();
  assert.equal(await late, 'allow passed stale');
});

test('after a start, it is waited for what is kept, and not for long', async () => {
  const kept: KeptVerdict[] = [];
  const first = bench({ put: (one) => void kept.push(one), follow: () => Promise.resolve() });
  await first.judge.judge(question(), never);
  const told = Promise.withResolvers<void>();
  const slow: VerdictStore = {
    put: () => undefined,
    async follow(take, _signal, read) {
      await told.promise;
      kept.forEach(take);
      read?.();
    },
  };
  const second = bench(slow);
  const following = second.judge.follow(never);
  const answer = second.judge.judge(question(), never);
  told.resolve();
  await Promise.all([following, answer]);
  assert.deepEqual([second.asked.length, second.seen], [0, ['kept']]);
  const third = bench({ put: () => undefined, follow: () => new Promise(() => undefined) });
  void third.judge.follow(never);
  const late = third.judge.judge(question(), never);
  await third.clock.tick();
  assert.equal((await late).verdict.decision, 'allow');
  assert.deepEqual(third.seen, ['anew']);
});

test('an exception that ends, ends the verdict that rests on it', async () => {
  const until = start + 10_000;
  const excepted = compilePolicy({
    ...policy.policy,
    exceptions: [{ name: 'e', owner: 'o', reason: 'r', until, rules: ['signed'] }],
  });
  const each = bench();
  each.answer = unsigned;
  assert.equal((await each.judge.judge(question({ policy: excepted }), never)).verdict.decision, 'allow');
  each.answer = down;
  each.clock.set(until);
  assert.notEqual((await each.judge.judge(question({ policy: excepted }), never)).verdict.decision, 'allow');
});

test('whoever asks for more than a verdict gets what is known, of the same look at the registry', async () => {
  const each = bench();
  await each.judge.judge(question(), never);
  const { evidence, verdict } = await each.judge.judge(question({ wantsEvidence: true }), never);
  assert.equal(each.asked.length, 1);
  assert.equal(verdict.decision, 'allow');
  assert.deepEqual(
    evidence?.map(({ signatures }) => signatures?.['release']),
    [signed],
  );
  const alone = bench();
  assert.equal((await alone.judge.judge(question({ wantsEvidence: true }), never)).evidence?.length, 1);
});
