import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { TestClock } from 'pg-boss';
import { StoreError } from '../../src/store/error.ts';
import { openPgBossJobQueue } from '../../src/store/job/pg-boss/open.ts';
import { openSqlJobQueue } from '../../src/store/job/sql/open.ts';
import { openPostgresDatabase } from '../../src/store/sql/postgres/open.ts';
import { testJobQueue } from '../../testing/store/job-queue-contract.ts';
import { manualClock } from '../../testing/store/manual-clock.ts';
import { postgresMissing, startPostgres, type PostgresServer } from '../../testing/store/postgres-server.ts';

const skip = postgresMissing();

let server: PostgresServer;

before(async () => {
  if (skip === false) server = await startPostgres();
});

after(async () => {
  if (skip === false) await server[Symbol.asyncDispose]();
});

if (skip === false) {
  testJobQueue({
    name: 'jobs in pg-boss',
    async create(start) {
      const url = await server.createDatabase();
      const clock = new TestClock(start);
      return {
        now: () => clock.now(),
        // At once rather than poll by poll, as the other clock goes.
        async advance(milliseconds) {
          await clock.setTime(clock.now() + milliseconds - 1);
          await clock.tick(1);
        },
        open: (logger) => openPgBossJobQueue({ url, clock, ...(logger === undefined ? {} : { logger }) }),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  });

  testJobQueue({
    name: 'jobs in tables of postgres',
    async create(start) {
      const url = await server.createDatabase();
      const clock = manualClock(start);
      const stack = new AsyncDisposableStack();
      return {
        now: () => clock.now(),
        advance: (milliseconds) => clock.advance(milliseconds),
        async open(logger) {
          const database = stack.use(await openPostgresDatabase({ url, poolSize: 4 }));
          return openSqlJobQueue({ database, clock, ...(logger === undefined ? {} : { logger }) });
        },
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    },
  });
}

test('jobs in pg-boss: errors and log lines never tell the password', { skip }, async () => {
  const url = await server.createDatabase();
  const { password } = server;
  const written = encodeURIComponent(password);
  const said: unknown[] = [];
  const say = (...line: unknown[]): void => void said.push(line);
  const logger = { debug: say, info: say, warn: say, error: say };
  const wrong = [
    [{ url: url.replace(written, `no-${written}`) }, 'STORE_UNAVAILABLE'],
    [{ url: url.replace(`:${server.port}/`, ':1/') }, 'STORE_UNAVAILABLE'],
    [{ url: url.replace(written, password) }, 'STORE_SETTING_INVALID'],
    [{ url, schema: 'no-schema' }, 'STORE_SETTING_INVALID'],
  ] as const;
  for (const [settings, code] of wrong) {
    await assert.rejects(openPgBossJobQueue({ ...settings, logger }), (error) => {
      said.push(error);
      return error instanceof StoreError && error.code === code;
    });
  }
  const text = inspect(said, { depth: 9, showHidden: true });
  assert.ok(!text.includes(password) && !text.includes(written), text);
});

test('jobs in pg-boss: closing waits for a handler that does not listen only for some time', { skip }, async () => {
  const url = await server.createDatabase();
  await using other = await openPgBossJobQueue({ url });
  await other.declare('build', { retries: 0, retryDelay: 1000, expiresAfter: 3_600_000 });
  const queue = await openPgBossJobQueue({ url, stopTime: 10 });
  const gate = Promise.withResolvers<void>();
  let isRunning = false;
  await queue.work('build', 1, () => {
    isRunning = true;
    return gate.promise;
  });
  await queue.add('build', {});
  for (let wait = 0; wait < 500 && !isRunning; wait++) await sleep(10);
  await queue[Symbol.asyncDispose]();
  assert.deepEqual(await other.counts('build'), { waiting: 1, running: 0, failed: 0 });
  gate.resolve();
});

test(
  'jobs in pg-boss: what a server that went away costs is logged, and jobs go on when it is back',
  { skip },
  async () => {
    const url = await server.createDatabase();
    const errors: string[] = [];
    const ignore = (): void => undefined;
    const error = (message: string): void => void errors.push(message);
    await using queue = await openPgBossJobQueue({ url, logger: { debug: ignore, info: ignore, warn: ignore, error } });
    await queue.declare('build', { retries: 0, retryDelay: 1000, expiresAfter: 3_600_000 });
    let done = 0;
    await queue.work('build', 1, () => Promise.resolve(void (done += 1)));
    await server.restart();
    await queue.add('build', {});
    for (let wait = 0; wait < 1000 && done === 0; wait++) await sleep(10);
    assert.equal(done, 1);
    assert.ok(errors.every((line) => line === 'Jobs cannot be read or written'));
  },
);
