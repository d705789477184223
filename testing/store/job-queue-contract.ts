import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../src/base/logger.ts';
import { StoreError } from '../../src/store/error.ts';
import type { Job, JobHandler, JobQueue, QueueOptions } from '../../src/store/job/job-queue.ts';

/** Where jobs are kept, and the clock that all its queues go by. */
export interface JobStore extends AsyncDisposable {
  /** Opens it as one more process would. */
  open(logger?: Logger): Promise<JobQueue>;
  now(): number;
  advance(milliseconds: number): Promise<void>;
}

/** What the suite runs on. The clock of a store begins at `start`. */
export interface JobQueueDriver {
  readonly name: string;
  create(start: number): Promise<JobStore>;
}

/** More than a minute after any time of a schedule: pg-boss may count one that came up to a minute before the schedule did. */
const start = Date.parse('2026-03-02T10:01:30Z');
const minute = 60_000;
const hour = 60 * minute;
const options: QueueOptions = { retries: 0, retryDelay: minute, expiresAfter: 12 * hour };

interface Lines {
  readonly logger: Logger;
  readonly errors: string[];
}

function lines(): Lines {
  const errors: string[] = [];
  const ignore = (): void => undefined;
  const error = (message: string, fields?: unknown): void => void errors.push(`${message} ${JSON.stringify(fields)}`);
  return { logger: { debug: ignore, info: ignore, warn: ignore, error }, errors };
}

/** Lets time go on in small steps until something is so; the clock is some seconds off after it. */
async function until(store: JobStore, check: () => boolean | Promise<boolean>): Promise<void> {
  for (let step = 0; step < 400; step++) {
    if (await check()) return;
    await store.advance(100);
    await sleep(step < 50 ? 1 : 20);
  }
  assert.fail(`It did not come to that: ${check.toString()}`);
}

/** Runs a job of another queue from end to end, so that workers have looked at what there is. */
async function lookAround(store: JobStore, queue: JobQueue, seen: readonly Job[]): Promise<void> {
  await queue.add('marker', {});
  const before = seen.length;
  await until(store, () => seen.length > before);
}

/** Registers the tests that every driver of JobQueue passes. */
export function testJobQueue(driver: JobQueueDriver): void {
  interface World {
    readonly store: JobStore;
    readonly queue: JobQueue;
    readonly log: Lines;
    /** Takes jobs of `build` and keeps them. */
    readonly collect: (on?: JobQueue) => Promise<Job[]>;
    /** See lookAround(). */
    readonly look: () => Promise<void>;
  }

  const check = (name: string, run: (world: World) => Promise<void>): void => {
    test(`${driver.name}: ${name}`, async () => {
      await using store = await driver.create(start);
      const log = lines();
      await using queue = await store.open(log.logger);
      await queue.declare('build', options);
      await queue.declare('marker', options);
      const markers: Job[] = [];
      await queue.work('marker', 1, (job) => Promise.resolve(void markers.push(job)));
      await run({
        store,
        queue,
        log,
        look: () => lookAround(store, queue, markers),
        collect: async (on = queue) => {
          const seen: Job[] = [];
          await on.work('build', 4, (job) => Promise.resolve(void seen.push(job)));
          return seen;
        },
      });
    });
  };

  const counts = (queue: JobQueue, waiting: number, running: number, failed: number) => async (): Promise<boolean> => {
    const found = await queue.counts('build');
    return found.waiting === waiting && found.running === running && found.failed === failed;
  };

  check('a job is done with its data, and is gone', async ({ store, queue, log, collect }) => {
    const id = await queue.add('build', { image: 'é\u0000\ud800', layers: [1, { b: 0.1, a: null }] });
    assert.deepEqual(await queue.counts('build'), { waiting: 1, running: 0, failed: 0 });
    const seen = await collect();
    await until(store, counts(queue, 0, 0, 0));
    assert.deepEqual(seen, [
      { id, queue: 'build', data: { image: 'é\u0000\ud800', layers: [1, { b: 0.1, a: null }] }, attempts: 0 },
    ]);
    assert.deepEqual(log.errors, []);
  });

  check('a job that is added where it is worked on, or elsewhere, is found', async ({ store, queue, collect }) => {
    const seen = await collect();
    await using other = await store.open();
    await queue.add('build', { from: 'here' });
    await other.add('build', { from: 'there' });
    await until(store, () => seen.length === 2);
  });

  check('no more than some at a time', async ({ store, queue }) => {
    let most = 0;
    let running = 0;
    let done = 0;
    const gate = Promise.withResolvers<void>();
    await queue.work('build', 2, async () => {
      running += 1;
      most = Math.max(most, running);
      if (running === 2) gate.resolve();
      // The first two wait for each other.
      await gate.promise;
      await sleep(2);
      running -= 1;
      done += 1;
    });
    for (let at = 0; at < 9; at++) await queue.add('build', { at });
    await until(store, () => done === 9);
    assert.equal(most, 2);
  });

  check('workers of several processes share the jobs', async ({ store, queue, collect }) => {
    await using other = await store.open();
    const seen = await Promise.all([collect(queue), collect(other)]);
    await Promise.all(Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? queue : other).add('build', { at })));
    await until(store, () => seen.flat().length >= 40);
    await until(store, counts(queue, 0, 0, 0));
    const done = seen.flat().map(({ data }) => data['at'] as number);
    assert.deepEqual(
      done.sort((a, b) => a - b),
      Array.from({ length: 40 }, (_, at) => at),
    );
  });

  check('a second job of a key is not added while the first waits or runs', async ({ store, queue }) => {
    const gate = Promise.withResolvers<void>();
    assert.notEqual(await queue.add('build', {}, { key: 'a' }), undefined);
    assert.equal(await queue.add('build', {}, { key: 'a' }), undefined);
    assert.notEqual(await queue.add('build', {}, { key: 'team/é "b"@sha256:1' }), undefined);
    assert.notEqual(await queue.add('marker', {}, { key: 'a' }), undefined);
    assert.notEqual(await queue.add('build', {}), undefined);
    assert.notEqual(await queue.add('build', {}), undefined);
    await queue.work('build', 4, () => gate.promise);
    await until(store, counts(queue, 0, 4, 0));
    assert.equal(await queue.add('build', {}, { key: 'a' }), undefined);
    gate.resolve();
    await until(store, counts(queue, 0, 0, 0));
    assert.notEqual(await queue.add('build', {}, { key: 'a' }), undefined);
  });

  check('of many that add the same key at the same time, one does', async ({ store, queue }) => {
    await using other = await store.open();
    const add = (at: number): Promise<string | undefined> =>
      (at % 2 === 0 ? queue : other).add('build', { at }, { key: 'same' });
    const added = await Promise.all(Array.from({ length: 16 }, (_, at) => add(at)));
    assert.equal(added.filter((id) => id !== undefined).length, 1);
  });

  check('a job is not done before its time', async ({ store, queue, collect, look }) => {
    const seen = await collect();
    await queue.add('build', { is: 'late' }, { runAt: store.now() + hour });
    await queue.add('build', { is: 'early' });
    await until(store, () => seen.length > 0);
    await look();
    await store.advance(hour - 5 * minute);
    await look();
    const done = (): unknown[] => seen.map(({ data }) => data['is']);
    assert.deepEqual(done(), ['early']);
    await store.advance(5 * minute);
    await until(store, () => seen.length === 2);
    assert.deepEqual(done(), ['early', 'late']);
  });

  check('a job that fails is tried again after waits that double, and then kept', async ({ store, queue, log }) => {
    await queue.declare('build', { ...options, retries: 2 });
    const tries: { readonly at: number; readonly attempts: number }[] = [];
    await queue.work('build', 1, ({ attempts }) => {
      tries.push({ at: store.now(), attempts });
      return Promise.reject(new Error(`no ${attempts}`));
    });
    await queue.add('build', {}, { key: 'a' });
    for (const expected of [1, 2, 3]) {
      while (tries.length < expected) {
        await store.advance(5000);
        await sleep(1);
      }
      await until(store, counts(queue, expected < 3 ? 1 : 0, 0, expected < 3 ? 0 : 1));
    }
    assert.deepEqual(
      tries.map(({ attempts }) => attempts),
      [0, 1, 2],
    );
    const [first, second, third] = tries.map(({ at }) => at) as [number, number, number];
    // Half of each wait may be left out; what was added is how the test moves the clock.
    assert.ok(second - first >= minute / 2 && second - first < 2 * minute, `${second - first}`);
    assert.ok(third - second >= minute && third - second < 3 * minute, `${third - second}`);
    assert.equal(log.errors.length, 3);
    assert.match(log.errors.join('\n'), /no 0[^]*no 1[^]*no 2/);
    assert.notEqual(await queue.add('build', {}, { key: 'a' }), undefined);
  });

  check('declaring a queue again changes how it treats jobs', async ({ store, queue }) => {
    await queue.declare('build', { ...options, retries: 5 });
    await queue.declare('build', { ...options, retries: 0 });
    await queue.work('build', 1, () => Promise.reject(new Error('no')));
    await queue.add('build', {});
    await until(store, counts(queue, 0, 0, 1));
  });

  check(
    'a job that takes too long is done by another, and its signal aborted',
    async ({ store, queue, log, collect }) => {
      await queue.declare('build', { retries: 1, retryDelay: 1000, expiresAfter: 10 * minute });
      let signal: AbortSignal | undefined;
      const gate = Promise.withResolvers<void>();
      await queue.work('build', 1, (_, given) => {
        signal = given;
        return gate.promise;
      });
      await queue.add('build', {});
      await until(store, () => signal !== undefined);
      await using other = await store.open(log.logger);
      const seen = await collect(other);
      await store.advance(8 * minute);
      assert.equal(signal?.aborted, false);
      await store.advance(4 * minute);
      await until(store, () => seen.length === 1);
      assert.equal(signal?.aborted, true);
      assert.equal(seen[0]?.attempts, 1);
      assert.notEqual(log.errors.length, 0);
      gate.resolve();
      await until(store, counts(queue, 0, 0, 0));
    },
  );

  check('who comes back with a job after its time was over changes nothing', async ({ store, queue }) => {
    await queue.declare('build', { retries: 1, retryDelay: 1000, expiresAfter: 10 * minute });
    await using other = await store.open();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const begun: number[] = [];
    const handler =
      (at: 0 | 1): JobHandler =>
      () => {
        begun.push(at);
        return gates[at].promise;
      };
    await queue.work('build', 1, handler(0));
    await queue.add('build', {}, { key: 'a' });
    await until(store, () => begun.length === 1);
    await other.work('build', 1, handler(1));
    await store.advance(11 * minute);
    await until(store, () => begun.length === 2);
    assert.deepEqual(begun, [0, 1]);
    gates[0].resolve();
    // Whatever the first one says of it is said before it takes another.
    const seen: Job[] = [];
    await queue.declare('after', options);
    await queue.work('after', 1, (job) => Promise.resolve(void seen.push(job)));
    await queue.add('after', {});
    await until(store, () => seen.length === 1);
    assert.deepEqual(await queue.counts('build'), { waiting: 0, running: 1, failed: 0 });
    assert.equal(await queue.add('build', {}, { key: 'a' }), undefined);
    gates[1].resolve();
    await until(store, counts(queue, 0, 0, 0));
  });

  check('a schedule adds a job at its minutes, once for all processes', async ({ store, queue, collect, look }) => {
    await using other = await store.open();
    const seen = await Promise.all([collect(queue), collect(other)]);
    const runs = (): number => seen.flat().length;
    for (const on of [queue, other, queue]) await on.schedule('build', '*/10 * * * *', { why: 'time' });
    await look();
    assert.equal(runs(), 0);
    for (const expected of [1, 2, 3]) {
      await store.advance(10 * minute);
      await until(store, () => runs() >= expected);
      await look();
      assert.equal(runs(), expected);
    }
    assert.deepEqual(seen.flat()[0]?.data, { why: 'time' });
    await queue.schedule('build', '30 12 * * *', { why: 'noon' });
    await store.advance(hour);
    await look();
    assert.equal(runs(), 3);
    await store.advance(hour + 5 * minute);
    await until(store, () => runs() === 4);
    const whys = seen.flat().map(({ data }) => data['why'] as string);
    assert.equal(whys.filter((why) => why === 'noon').length, 1);
    await other.unschedule('build');
    await store.advance(25 * hour);
    await look();
    assert.equal(runs(), 4);
  });

  check('a schedule adds nothing while its last job runs', async ({ store, queue, look }) => {
    let runs = 0;
    const gate = Promise.withResolvers<void>();
    await queue.work('build', 4, () => {
      runs += 1;
      return gate.promise;
    });
    await queue.schedule('build', '*/10 * * * *', {});
    await store.advance(10 * minute);
    await until(store, () => runs === 1);
    await store.advance(10 * minute);
    await look();
    await store.advance(10 * minute);
    await look();
    assert.deepEqual(await queue.counts('build'), { waiting: 0, running: 1, failed: 0 });
    gate.resolve();
    await until(store, counts(queue, 0, 0, 0));
    await store.advance(10 * minute);
    await until(store, () => runs === 2);
  });

  check('times that passed without any process are made up for once', async ({ store, queue, collect }) => {
    await queue.schedule('build', '0 * * * *', {});
    await store.advance(minute);
    await queue[Symbol.asyncDispose]();
    await store.advance(5 * hour);
    await using later = await store.open();
    const seen = await collect(later);
    await later.schedule('build', '0 * * * *', {});
    await until(store, () => seen.length > 0);
    await store.advance(5 * minute);
    await until(store, counts(later, 0, 0, 0));
    assert.equal(seen.length, 1);
  });

  check('closing ends what runs, which then waits for others', async ({ store, queue, log, collect }) => {
    await using other = await store.open();
    const ends: string[] = [];
    const handler: JobHandler = (job, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => {
          ends.push('aborted');
          if (job.data['ends'] === true) resolve();
          else reject(signal.reason as Error);
        });
      });
    await queue.work('build', 2, handler);
    await queue.add('build', { ends: true });
    await queue.add('build', { ends: false });
    await until(store, counts(other, 0, 2, 0));
    await queue[Symbol.asyncDispose]();
    assert.deepEqual(ends, ['aborted', 'aborted']);
    assert.deepEqual(await other.counts('build'), { waiting: 1, running: 0, failed: 0 });
    assert.deepEqual(log.errors, []);
    const seen = await collect(other);
    await store.advance(2 * hour);
    await until(store, () => seen.length === 1);
    assert.deepEqual(seen[0]?.data, { ends: false });
    await assert.rejects(queue.add('build', {}), { code: 'STORE_UNAVAILABLE' });
    await queue[Symbol.asyncDispose]();
  });

  check('what cannot be is refused', async ({ queue }) => {
    const refused: readonly (readonly [StoreError['code'], () => Promise<unknown>])[] = [
      ['STORE_SETTING_INVALID', () => queue.declare('Build', options)],
      ['STORE_SETTING_INVALID', () => queue.declare('a'.repeat(51), options)],
      ['STORE_SETTING_INVALID', () => queue.declare('', options)],
      ['STORE_SETTING_INVALID', () => queue.declare('x', { ...options, retries: -1 })],
      ['STORE_SETTING_INVALID', () => queue.declare('x', { ...options, expiresAfter: 0.5 })],
      ['STORE_SETTING_INVALID', () => queue.declare('x', { ...options, expiresAfter: 25 * hour })],
      ['STORE_SETTING_INVALID', () => queue.add('unknown', {})],
      ['STORE_SETTING_INVALID', () => queue.add('build', {}, { key: '' })],
      ['STORE_SETTING_INVALID', () => queue.work('unknown', 1, () => Promise.resolve())],
      ['STORE_SETTING_INVALID', () => queue.schedule('unknown', '* * * * *', {})],
      ['STORE_SETTING_INVALID', () => queue.schedule('build', '* * * * * *', {})],
      ['LIMIT_EXCEEDED', () => queue.add('build', { text: 'x'.repeat(300_000) })],
    ];
    for (const [code, work] of refused) {
      await assert.rejects(work, (error) => error instanceof StoreError && error.code === code, work.toString());
    }
    await queue.unschedule('build');
    assert.deepEqual(await queue.counts('unknown'), { waiting: 0, running: 0, failed: 0 });
  });
}
