import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReview } from '../review/parse-review.ts';
import { plainAllowance } from '../review/answer.ts';
import { readReview } from '../../../testing/admission/read-review.ts';
import { PolicyError } from '../../policy/error.ts';
import { decide, type Decision, type OpenReview } from './decide.ts';
import { timeOfReview } from './deadline.ts';
import { failureCode } from './failure-answer.ts';
import type { JudgeReview, StartTimer } from './model.ts';
import { ReviewQueue } from './review-queue.ts';
import { findRoute } from './route.ts';

const request = parseReview(readReview('create-pod'));

interface Timers {
  readonly start: StartTimer;
  /** Lets time pass. */
  readonly pass: () => void;
  readonly running: () => number;
  readonly asked: number[];
}

function timers(): Timers {
  const calls = new Set<() => void>();
  const asked: number[] = [];
  return {
    asked,
    start(milliseconds, call) {
      asked.push(milliseconds);
      calls.add(call);
      return () => void calls.delete(call);
    },
    pass: () => calls.forEach((call) => call()),
    running: () => calls.size,
  };
}

interface Setting {
  readonly judge: JudgeReview;
  readonly review?: Partial<OpenReview>;
  readonly time?: Timers;
  readonly queue?: ReviewQueue;
}

function decided({ judge, review = {}, time = timers(), queue = new ReviewQueue(1) }: Setting): Promise<Decision> {
  const caller = new AbortController().signal;
  const open: OpenReview = { request, phase: 'mutate', failurePolicy: 'fail', deadline: 1500, caller, ...review };
  return decide(open, { judge, queue, startTimer: time.start, monotonic: () => 1000 });
}

test('decide() gives what was judged, and leaves no timer behind', async () => {
  const time = timers();
  const seen: unknown[] = [];
  const decision = await decided({
    time,
    review: { policy: 'shop/pinned' },
    judge: (review, { phase, failurePolicy, policy, timeLeft, signal }) => {
      seen.push(review.uid, phase, failurePolicy, policy, timeLeft, signal.aborted);
      return plainAllowance;
    },
  });
  assert.deepEqual(decision, { answer: plainAllowance });
  assert.deepEqual(seen, [request.uid, 'mutate', 'fail', 'shop/pinned', 500, false]);
  assert.deepEqual([time.asked, time.running()], [[500], 0]);
});

const thrown: readonly (readonly [error: unknown, code: string, status: number, words: RegExp])[] = [
  [new PolicyError('POLICY_INVALID', 'The policy says nothing'), 'POLICY_INVALID', 503, /The policy says nothing/],
  [new Error('password=hidden'), 'JUDGE_FAILED', 500, /look for review 7f0b2891-/],
  ['text', 'JUDGE_FAILED', 500, /not foreseen/],
];

for (const [error, code, status, words] of thrown) {
  for (const isAsync of [false, true]) {
    test(`decide() answers by the failure policy when judging throws ${String(error)}${isAsync ? ' later' : ''}`, async () => {
      const judge: JudgeReview = () => {
        if (!isAsync) throw error;
        return Promise.resolve().then(() => {
          throw error;
        });
      };
      const denied = await decided({ judge });
      assert.equal(denied.failure, error);
      assert.deepEqual([denied.answer.allowed, denied.answer.code], [false, status]);
      assert.match(denied.answer.reason ?? '', words);
      assert.match(denied.answer.reason ?? '', new RegExp(`could not judge this object \\(${code}\\)`));
      const { answer } = await decided({ judge, review: { failurePolicy: 'ignore' } });
      assert.equal(answer.allowed, true);
      assert.match(answer.warnings[0] ?? '', new RegExp(`through without judging it \\(${code}\\)`));
      assert.deepEqual(answer.auditAnnotations, { 'not-judged': code });
      assert.doesNotMatch(JSON.stringify([denied.answer, answer]), /hidden/);
    });
  }
}

test('decide() answers at the deadline, and tells the judge', async () => {
  for (const failurePolicy of ['fail', 'ignore'] as const) {
    const time = timers();
    const queue = new ReviewQueue(1);
    let reason: unknown;
    const deciding = decided({
      time,
      queue,
      review: { failurePolicy },
      judge: (_review, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(new Error('given up'));
          });
        }),
    });
    time.pass();
    const { answer, failure } = await deciding;
    assert.equal(failure, reason);
    assert.equal(failureCode(failure), 'DEADLINE_EXCEEDED');
    assert.equal(answer.allowed, failurePolicy === 'ignore');
    assert.match(answer.reason ?? answer.warnings.join(''), /DEADLINE_EXCEEDED.+timeoutSeconds/);
    // Its place is free again.
    assert.equal((await decided({ queue, judge: () => plainAllowance })).failure, undefined);
  }
});

test('decide() says of what waited for its turn that too much is under way, and never judges it', async () => {
  const queue = new ReviewQueue(1);
  let finish: () => void = () => undefined;
  const first = decided({
    queue,
    judge: () =>
      new Promise((resolve) => {
        finish = () => resolve(plainAllowance);
      }),
  });
  const time = timers();
  let judged = 0;
  const judge: JudgeReview = () => {
    judged += 1;
    return plainAllowance;
  };
  const second = decided({ queue, time, judge });
  const third = decided({ queue, judge });
  time.pass();
  const { answer } = await second;
  assert.deepEqual([answer.allowed, answer.code, judged], [false, 429, 0]);
  assert.match(answer.reason ?? '', /OVERLOADED/);
  finish();
  assert.deepEqual([(await first).failure, (await third).failure, judged, queue.waiting], [undefined, undefined, 1, 0]);
});

test('decide() lets go of what nobody waits for', async () => {
  const caller = new AbortController();
  const deciding = decided({ judge: () => new Promise(() => undefined), review: { caller: caller.signal } });
  caller.abort(new Error('gone'));
  assert.match(String((await deciding).failure), /gone/);
  const already = await decided({ judge: () => plainAllowance, review: { caller: caller.signal } });
  assert.match(String(already.failure), /gone/);
});

test('decide() takes no patch where nothing may be changed, so that nothing passes that was to be changed', async () => {
  const patch = [{ op: 'add', path: '/a', value: 1 }] as const;
  const answer = { ...plainAllowance, patch };
  assert.equal((await decided({ judge: () => answer })).answer, answer);
  for (const [phase, given] of [
    ['validate', answer],
    ['mutate', { ...answer, allowed: false }],
  ] as const) {
    const decision = await decided({ judge: () => given, review: { phase } });
    assert.equal(failureCode(decision.failure), 'ANSWER_INVALID');
    assert.deepEqual([decision.answer.allowed, decision.answer.code, decision.answer.patch], [false, 500, undefined]);
  }
});

const times: readonly (readonly [query: string, milliseconds: number])[] = [
  ['timeout=10s', 9500],
  ['timeout=1m30s', 29_500],
  ['timeout=1s', 500],
  ['timeout=400ms', 200],
  ['timeout=2.5s', 2000],
  ['x=1&timeout=5s', 4500],
  ['', 9500],
  ['timeout=', 9500],
  ['timeout=10', 9500],
  ['timeout=-1s', 9500],
  ['timeout=0s', 9500],
  [`timeout=${'9'.repeat(300)}h`, 9500],
];

for (const [query, milliseconds] of times) {
  test(`timeOfReview() makes ${milliseconds} ms of "${query.slice(0, 30)}"`, () => {
    assert.equal(timeOfReview(query), milliseconds);
  });
}

test('timeOfReview() goes by its policy', () => {
  assert.equal(timeOfReview('timeout=10s', { margin: 1000 }), 9000);
  assert.equal(timeOfReview('', { defaultTimeout: 3000 }), 2500);
});

test('findRoute() knows its paths and no others', () => {
  for (const [path, route] of [
    ['/mutate/fail', { kind: 'review', phase: 'mutate', failurePolicy: 'fail' }],
    ['/validate/ignore', { kind: 'review', phase: 'validate', failurePolicy: 'ignore' }],
    ['/mutate/ignore/pin-images', { kind: 'review', phase: 'mutate', failurePolicy: 'ignore', policy: 'pin-images' }],
    ['/validate/fail/shop/a.b', { kind: 'review', phase: 'validate', failurePolicy: 'fail', policy: 'shop/a.b' }],
    ['/healthz', { kind: 'health' }],
    ['/readyz', { kind: 'ready' }],
    ['/metrics', { kind: 'metrics' }],
  ] as const) {
    assert.deepEqual(findRoute(path), route, path);
  }
  for (const path of [
    '',
    '/',
    '/mutate',
    '/mutate/',
    '/mutate/warn',
    '/mutate/fail/',
    '/mutate/fail/../x',
    '/healthz/',
  ]) {
    assert.equal(findRoute(path), undefined, path);
  }
  for (const path of [
    '/mutate/fail/a/b/c',
    '/mutate/fail/A',
    '/mutate/fail/a%2fb',
    '/mutate/fail/-a',
    '//mutate/fail',
  ]) {
    assert.equal(findRoute(path), undefined, path);
  }
});
