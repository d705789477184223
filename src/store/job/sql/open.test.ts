import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { testJobQueue } from '../../../../testing/store/job-queue-contract.ts';
import { manualClock } from '../../../../testing/store/manual-clock.ts';
import { openSqliteDatabase } from '../../sql/sqlite/open.ts';
import type { JobQueue } from '../job-queue.ts';
import { openSqlJobQueue, type SqlJobQueueOptions } from './open.ts';

testJobQueue({
  name: 'jobs in sqlite',
  async create(start) {
    const directory = temporaryDirectory();
    const stack = new AsyncDisposableStack();
    stack.use(directory);
    const path = join(directory.path, 'jobs.db');
    const clock = manualClock(start);
    return {
      now: () => clock.now(),
      advance: (milliseconds) => clock.advance(milliseconds),
      async open(logger) {
        const database = stack.use(await openSqliteDatabase({ path }));
        return openSqlJobQueue({ database, clock, ...(logger === undefined ? {} : { logger }) });
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
});

const hour = 3_600_000;

interface Fixture extends AsyncDisposable {
  readonly queue: JobQueue;
  readonly errors: string[];
  readonly clock: ReturnType<typeof manualClock>;
  readonly options: SqlJobQueueOptions;
  /** Lets time go on in small steps until a job was counted so. */
  readonly until: (check: (queue: JobQueue) => Promise<boolean>) => Promise<void>;
}

async function open(): Promise<Fixture> {
  const stack = new AsyncDisposableStack();
  const database = await openSqliteDatabase({ path: join(stack.use(temporaryDirectory()).path, 'jobs.db') });
  stack.use(database);
  const clock = manualClock(Date.parse('2026-03-02T10:00:30Z'));
  const errors: string[] = [];
  const say = (message: string): void => void errors.push(message);
  const options = { database, clock, logger: { debug: say, info: say, warn: say, error: say } };
  const queue = stack.use(await openSqlJobQueue(options));
  return {
    queue,
    errors,
    clock,
    options,
    until: async (check) => {
      for (let step = 0; step < 3000; step++) {
        if (await check(queue)) return;
        await clock.advance(100);
        await sleep(1);
      }
      assert.fail('It did not come to that');
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('a wait is an hour at most, and what failed is kept for seven days', async () => {
  await using fixture = await open();
  const { queue, clock, until } = fixture;
  await queue.declare('build', { retries: 20, retryDelay: hour / 4, expiresAfter: hour });
  let tries = 0;
  await queue.work('build', 1, () => {
    tries += 1;
    return Promise.reject(new Error('no'));
  });
  await queue.add('build', {});
  for (let expected = 1; expected <= 21; expected++) {
    await until(() => Promise.resolve(tries === expected));
    await until(async () => (await queue.counts('build')).running === 0);
    await clock.advance(hour);
  }
  assert.equal((await queue.counts('build')).failed, 1);
  await clock.advance(6 * 24 * hour);
  await until(async () => (await queue.counts('build')).failed === 1);
  await clock.advance(25 * hour);
  await until(async () => (await queue.counts('build')).failed === 0);
});

test('closing waits for a handler that does not listen only for some time, and others get its job', async () => {
  await using fixture = await open();
  const { queue, clock, options, until } = fixture;
  await queue.declare('build', { retries: 0, retryDelay: 0, expiresAfter: 5 * hour });
  const gate = Promise.withResolvers<void>();
  await queue.work('build', 1, () => gate.promise);
  await queue.add('build', {});
  await until(async () => (await queue.counts('build')).running === 1);
  let isClosed = false;
  const closing = queue[Symbol.asyncDispose]().then(() => (isClosed = true));
  await sleep(20);
  assert.equal(isClosed, false);
  await clock.advance(10_000);
  await closing;
  await using other = await openSqlJobQueue(options);
  assert.deepEqual(await other.counts('build'), { waiting: 1, running: 0, failed: 0 });
  gate.resolve();
});

test('a job whose process was killed is done by another when its time is over', async () => {
  await using fixture = await open();
  const { queue, clock, options, until } = fixture;
  await queue.declare('build', { retries: 1, retryDelay: 0, expiresAfter: hour });
  await queue.add('build', {});
  // As a process leaves it that took the job and is gone.
  await options.database.run("UPDATE job SET state = 'running', claim = 'x', expires_at = ?", clock.now() + hour);
  const attempts: number[] = [];
  await queue.work('build', 1, (job) => Promise.resolve(void attempts.push(job.attempts)));
  await clock.advance(hour - 60_000);
  await sleep(20);
  assert.deepEqual(attempts, []);
  await clock.advance(60_000);
  await until(() => Promise.resolve(attempts.length === 1));
  assert.deepEqual(attempts, [1]);
});

test('trouble with the database is logged once, and waited out', async () => {
  await using fixture = await open();
  const { queue, options, errors, until } = fixture;
  await queue.declare('build', { retries: 0, retryDelay: 0, expiresAfter: hour });
  let done = 0;
  await queue.work('build', 1, () => Promise.resolve(void (done += 1)));
  await options.database.run('ALTER TABLE job RENAME TO elsewhere');
  await until(() => Promise.resolve(errors.length === 2));
  for (let step = 0; step < 50; step++) {
    await fixture.clock.advance(1000);
    await sleep(1);
  }
  // The worker's, and that of the schedules.
  assert.deepEqual(errors, ['Jobs cannot be read', 'Jobs cannot be read']);
  await options.database.run('ALTER TABLE elsewhere RENAME TO job');
  await queue.add('build', {});
  await until(() => Promise.resolve(done === 1));
  await until(() => Promise.resolve(errors.length === 4));
  assert.deepEqual(errors.slice(2), ['Jobs can be read again', 'Jobs can be read again']);
});

test('a job that is added in a transaction is there when that commits, and only then', async () => {
  await using fixture = await open();
  const { clock, options, until } = fixture;
  await using queue = await openSqlJobQueue(options);
  await queue.declare('build', { retries: 0, retryDelay: 0, expiresAfter: hour });
  const seen: unknown[] = [];
  const failing = options.database.transaction(async (queries) => {
    await queue.addWithin(queries, 'build', { at: 'lost' });
    throw new Error('no');
  });
  await assert.rejects(failing, /no/);
  const ids = await options.database.transaction(async (queries) => [
    await queue.addWithin(queries, 'build', { at: 'kept' }, { key: 'a' }),
    await queue.addWithin(queries, 'build', { at: 'second' }, { key: 'a' }),
    await queue.addWithin(queries, 'build', { at: 'later' }, { runAt: clock.now() + hour }),
  ]);
  assert.deepEqual(
    ids.map((id) => typeof id),
    ['string', 'undefined', 'string'],
  );
  assert.deepEqual(await queue.counts('build'), { waiting: 2, running: 0, failed: 0 });
  await queue.work('build', 1, ({ data }) => Promise.resolve(void seen.push(data['at'])));
  await until(() => Promise.resolve(seen.length === 1));
  // Woken, a worker needs no time to pass.
  await options.database.transaction((queries) => queue.addWithin(queries, 'build', { at: 'woken' }));
  queue.wake('build');
  for (let look = 0; look < 500 && seen.length < 2; look += 1) await sleep(2);
  assert.deepEqual(seen, ['kept', 'woken']);
});
