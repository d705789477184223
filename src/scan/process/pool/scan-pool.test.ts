import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { badWorker, badWorkers } from '../../../../testing/scanning/bad-worker.ts';
import { silentLogger } from '../../../base/logger.ts';
import { systemClock } from '../../../net/clock.ts';
import { readParts } from '../channel/parts.ts';
import { ChannelError } from '../channel/question.ts';
import { UnscannableError } from '../error.ts';
import { removeLeftBehind } from './lent-files.ts';
import { ScanPool } from './scan-pool.ts';
import type { WorkerOptions } from './worker-process.ts';
import { workerProgram } from './worker-program.ts';

const options: WorkerOptions = {
  program: workerProgram(),
  memoryBytes: 2 ** 30,
  cores: 3,
  readable: [],
  writable: [],
  clock: systemClock,
  logger: silentLogger,
};
const { signal } = new AbortController();

/** What came of asking a worker that misbehaves. */
async function askBad(name: keyof typeof badWorkers, time = 10_000): Promise<unknown> {
  using folder = temporaryDirectory();
  const program = badWorker(folder, badWorkers[name]);
  await using pool = new ScanPool(1, { ...options, program, memoryBytes: 128 * 2 ** 20 });
  return await pool
    .use({ time, signal, run: (peer, stop) => readParts(peer.ask({ kind: 'scan' }, stop), 16e6) })
    .catch((error: unknown) => error);
}

describe('workers that misbehave', { concurrency: 2 }, () => {
  for (const [name, code] of [
    ['hangs', 'SCAN_TIMEOUT'],
    ['never pauses', 'SCAN_TIMEOUT'],
    ['eats memory outside its heap', 'SCAN_MEMORY'],
    ['eats its heap', 'SCAN_MEMORY'],
    ['is killed', 'SCAN_CRASHED'],
    ['ends by itself', 'SCAN_CRASHED'],
    ['throws outside', 'SCAN_CRASHED'],
    ['says what is no frame', 'SCAN_CRASHED'],
  ] as const) {
    test(`a worker that ${name} costs its scan alone`, async () => {
      const error = await askBad(name, code === 'SCAN_TIMEOUT' ? 50 : undefined);
      assert.ok(error instanceof UnscannableError, String(error));
      assert.equal(error.code, code, error.message);
    });
  }
});

test('what a worker answers has a bound, and a form', async () => {
  assert.ok((await askBad('answers without end')) instanceof RangeError);
  assert.ok((await askBad('answers nothing')) instanceof RangeError);
});

test('a worker may read nothing that it is not given', async () => {
  const error = await askBad('asks for other content');
  assert.ok(error instanceof ChannelError, String(error));
  assert.equal(error.code, 'ANSWER_FAILED');
});

test('a worker has no environment, may not read other files, write any, or start programs', async () => {
  using folder = temporaryDirectory();
  using elsewhere = temporaryDirectory();
  const secret = elsewhere.write('secret', 'x');
  const program = badWorker(
    folder,
    `const attempts = {
      env: () => JSON.stringify(process.env) === '{"UV_THREADPOOL_SIZE":"3"}' || process.env,
      read: () => import('node:fs').then(({ readFileSync }) => readFileSync(${JSON.stringify(secret)})),
      write: () => import('node:fs').then(({ writeFileSync }) => writeFileSync(${JSON.stringify(secret)}, 'y')),
      spawn: () => import('node:child_process').then(({ spawnSync }) => spawnSync('true')),
    };
    const told = {};
    for (const [name, act] of Object.entries(attempts)) {
      try { told[name] = (await act()) === true; } catch (error) { told[name] = error.code; }
    }
    yield* encodeParts(told);`,
  );
  await using pool = new ScanPool(1, { ...options, program });
  const run = (peer: Parameters<Parameters<typeof pool.use>[0]['run']>[0]): ReturnType<typeof readParts> =>
    readParts(peer.ask({ kind: 'scan' }), 1e6);
  const { value } = await pool.use({ time: 10_000, signal, run });
  const denied = 'ERR_ACCESS_DENIED';
  assert.deepEqual(value, { env: true, read: denied, write: denied, spawn: denied });
});

test('a worker may read what it is lent while it works, and nothing that others are', async () => {
  using folder = temporaryDirectory();
  const files = join(folder.path, 'files');
  mkdirSync(join(files, 'of-another'), { recursive: true });
  const other = join(files, 'of-another', '1');
  writeFileSync(other, 'not yours');
  const path = folder.write('blob', 'yours');
  const program = badWorker(
    folder,
    `const { readFileSync } = await import('node:fs');
    const chunks = [];
    for await (const chunk of peer.ask({ kind: 'file' })) chunks.push(chunk);
    const told = [];
    for (const path of [Buffer.concat(chunks).toString(), ${JSON.stringify(other)}]) {
      try { told.push(readFileSync(path, 'utf8')); } catch (error) { told.push(error.code); }
    }
    yield* encodeParts(told);`,
  );
  // The program lies in a folder of its own, which it may read.
  const { script, readable } = program;
  await using pool = new ScanPool(1, {
    ...options,
    program: { script, readable: [...readable.filter((known) => known !== folder.path), script] },
    files,
  });
  for (let round = 0; round < 2; round += 1) {
    const { value } = await pool.use({
      time: 10_000,
      signal,
      async *answer(_question, _signal, lent) {
        yield Buffer.from((await lent?.lend({ linkTo: (to) => link(path, to).then(() => true) })) ?? '');
      },
      run: (peer) => readParts(peer.ask({ kind: 'scan' }), 1e6),
    });
    assert.deepEqual(value, ['yours', 'ERR_ACCESS_DENIED']);
    assert.deepEqual(readdirSync(files), ['of-another']);
  }
});

test('nothing is lent to a worker that was killed before it was answered', async () => {
  using folder = temporaryDirectory();
  const files = join(folder.path, 'files');
  const path = folder.write('blob', 'x');
  const program = badWorker(folder, "for await (const _ of peer.ask({ kind: 'file' }));");
  const stop = new AbortController();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: found, resolve: find } = Promise.withResolvers<void>();
  const { promise: answered, resolve: tell } = Promise.withResolvers<string | undefined>();
  await using pool = new ScanPool(1, { ...options, program, files });
  const scan = pool.use({
    time: 10_000,
    signal: stop.signal,
    // oxlint-disable-next-line require-yield -- where it is too late for an answer
    async *answer(_question, _signal, lent) {
      ask();
      await found;
      tell(await lent?.lend({ linkTo: (to) => link(path, to).then(() => true) }));
    },
    run: (peer) => readParts(peer.ask({ kind: 'scan' }), 1e6),
  });
  await asked;
  stop.abort();
  await assert.rejects(scan, { name: 'AbortError' });
  find();
  assert.equal(await answered, undefined);
  assert.equal(existsSync(files), false);
});

test('what killed processes left of files that they lent is removed when it is old, and nothing else', async () => {
  using folder = temporaryDirectory();
  const [old, young] = [randomUUID(), randomUUID()];
  const lost = 'lost+found';
  const fail = (error: unknown): void => assert.fail(String(error));
  for (const [name, seconds] of [
    [old, 1000],
    [young, 3000],
    [lost, 1000],
  ] as const) {
    mkdirSync(join(folder.path, name));
    writeFileSync(join(folder.path, name, '1'), 'x');
    utimesSync(join(folder.path, name), seconds, seconds);
  }
  await removeLeftBehind(join(folder.path, 'nowhere'), 2_000_000, fail);
  await removeLeftBehind(join(folder.path, lost, '1'), 2_000_000, fail);
  await removeLeftBehind(folder.path, 2_000_000, fail);
  assert.deepEqual(readdirSync(folder.path).toSorted(), [young, lost].toSorted());
});

test(
  'what cannot be removed of it is told, and keeps nothing else',
  { skip: process.getuid?.() === 0 && 'root may' },
  async () => {
    using folder = temporaryDirectory();
    const names = [`0${randomUUID().slice(1)}`, `1${randomUUID().slice(1)}`];
    for (const name of names) mkdirSync(join(folder.path, name));
    const [kept = ''] = names;
    writeFileSync(join(folder.path, kept, '1'), 'x');
    chmodSync(join(folder.path, kept), 0o500);
    const told: unknown[] = [];
    await removeLeftBehind(folder.path, Infinity, (error) => told.push((error as NodeJS.ErrnoException).code));
    chmodSync(join(folder.path, kept), 0o700);
    assert.deepEqual(told, ['EACCES']);
    assert.deepEqual(readdirSync(folder.path), [kept]);
  },
);

test('workers are started when they are needed, used again, and replaced when they end badly', async () => {
  using folder = temporaryDirectory();
  await using pool = new ScanPool(1, { ...options, program: badWorker(folder, badWorkers.hangs) });
  assert.equal(pool.size, 0);
  const ready = (): Promise<number | undefined> =>
    pool
      .use({
        time: 10_000,
        signal,
        run: async (peer) => void (await readParts(peer.ask({ kind: 'ready' }), 100)),
      })
      .then(() => pool.size);
  assert.deepEqual(await Promise.all([ready(), ready()]), [1, 1]);
  const failing = pool.use({ time: 10_000, signal, run: () => Promise.reject(new TypeError('no')) });
  await assert.rejects(failing, TypeError);
  assert.equal(pool.size, 0);
  assert.equal(await ready(), 1);
});

test('a worker that is prepared is the next one, or waits for it, and none is prepared beside it', async () => {
  using folder = temporaryDirectory();
  await using pool = new ScanPool(2, { ...options, program: badWorker(folder, badWorkers.hangs) });
  const use = (): Promise<number> => pool.use({ time: 10_000, signal, run: () => Promise.resolve(pool.size) });
  pool.prepare();
  pool.prepare();
  assert.equal(pool.size, 1);
  assert.deepEqual([await use(), await use()], [1, 1]);
  pool.prepare();
  assert.deepEqual([pool.size, ...(await Promise.all([use(), use()]))], [1, 2, 2]);
  await using closed = new ScanPool(1, { ...options, program: badWorker(folder, badWorkers.hangs) });
  closed.prepare();
  await closed[Symbol.asyncDispose]();
  closed.prepare();
  assert.equal(closed.size, 0);
});

test('who gives up its turn lets the next one go, and closing ends all', async () => {
  using folder = temporaryDirectory();
  const pool = new ScanPool(1, { ...options, program: badWorker(folder, badWorkers.hangs) });
  const first = new AbortController();
  const hold = Promise.withResolvers<void>();
  const busy = pool.use({ time: 10_000, signal, run: () => hold.promise });
  const given = pool.use({ time: 10_000, signal: first.signal, run: () => Promise.resolve() });
  const next = pool.use({ time: 10_000, signal, run: () => Promise.resolve('next') });
  first.abort(new Error('not wanted'));
  await assert.rejects(given, /not wanted/);
  hold.resolve();
  await busy;
  assert.equal(await next, 'next');
  const never = pool.use({
    time: 10_000,
    signal,
    run: (_, stop) =>
      new Promise((_resolve, reject) => stop.addEventListener('abort', () => reject(stop.reason as Error))),
  });
  const waits = pool.use({ time: 10_000, signal, run: () => Promise.resolve() });
  const both = Promise.allSettled([never, waits]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await pool[Symbol.asyncDispose]();
  for (const outcome of await both) {
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof UnscannableError);
    assert.equal(outcome.reason.code, 'SCAN_STOPPED');
  }
});

test('a worker that cannot be started is no fault of an image', async () => {
  const program = { script: '/nowhere/at-all.js', readable: [] };
  await using pool = new ScanPool(1, { ...options, program });
  const use = (): Promise<unknown> =>
    pool.use({ time: 10_000, signal, run: () => Promise.resolve() }).catch((reason: unknown) => reason);
  const alone = await use();
  pool.prepare();
  for (const error of [alone, await use()]) {
    assert.ok(error instanceof UnscannableError);
    assert.equal(error.code, 'WORKER_UNSTARTABLE');
    assert.equal(pool.size, 0);
  }
  // Nobody is told where nobody asks.
  pool.prepare();
});
