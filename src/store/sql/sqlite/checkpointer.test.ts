import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { Checkpointer, type StartCheckpointThread } from './checkpointer.ts';
import { SqliteConnection } from './connection.ts';

interface Log {
  readonly frames: number;
  readonly copied: number;
}

/** Writes some pages, asks for checkpoints until the log is copied or `steps` times, and tells how it is. */
async function checkpoints(
  steps: number,
  startThread?: StartCheckpointThread,
): Promise<{ readonly log: Log; readonly said: readonly string[] }> {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'records.db');
  using connection = new SqliteConnection(path);
  connection.execute('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE entry (body TEXT)');
  for (let at = 0; at < 50; at++) await connection.run('INSERT INTO entry VALUES (?)', 'x'.repeat(5000));
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  await using checkpointer = new Checkpointer(connection, {
    path,
    logger: { debug: say, info: say, warn: say, error: say },
    checkpointPages: 20,
    restartPages: 100,
    fullPages: 100_000,
    ...(startThread === undefined ? {} : { startThread }),
  });
  const look = (): Log => {
    const row = connection.getNow('PRAGMA wal_checkpoint(NOOP)');
    return { frames: Number(row?.log), copied: Number(row?.checkpointed) };
  };
  let log = look();
  assert.equal(log.copied, 0);
  for (let step = 0; step < steps && log.copied < log.frames; step++) {
    await checkpointer.afterCommit();
    await sleep(5);
    log = look();
  }
  return { log, said };
}

test('Checkpointer: the log is copied on a thread', async () => {
  const { log, said } = await checkpoints(1000);
  assert.ok(log.frames > 50);
  assert.equal(log.copied, log.frames);
  assert.deepEqual(said, []);
});

test('Checkpointer: without its thread the log is copied here, and that is said', async () => {
  const failing = (): Worker => new Worker('throw new Error("no memory")', { eval: true });
  const { log, said } = await checkpoints(1000, failing);
  assert.equal(log.copied, log.frames);
  assert.deepEqual(said, ['The log of the database could not be copied on a thread']);
});

test('Checkpointer: a thread that ends at once is as good as none', async () => {
  const ending = (): Worker => new Worker('process.exit(0)', { eval: true });
  const { log } = await checkpoints(1000, ending);
  assert.equal(log.copied, log.frames);
});

test('Checkpointer: writers wait for a copy that the disk takes long for, and no others', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'records.db');
  using connection = new SqliteConnection(path);
  connection.execute('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE entry (body TEXT)');
  const slow = `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (request) => {
      if (request === 'close') parentPort.close();
      else setTimeout(() => parentPort.postMessage({}), 150);
    });`;
  const quiet = (): void => undefined;
  await using checkpointer = new Checkpointer(connection, {
    path,
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    checkpointPages: 20,
    restartPages: 1000,
    fullPages: 60,
    startThread: () => new Worker(slow, { eval: true }),
  });
  const waits: boolean[] = [];
  let wait: Promise<void> | undefined;
  while (wait === undefined) {
    await connection.run('INSERT INTO entry VALUES (?)', 'x'.repeat(5000));
    wait = checkpointer.afterCommit();
    waits.push(wait !== undefined);
  }
  assert.ok(waits.length > 10, 'nobody waits before the log is full');
  assert.ok(Number(connection.getNow('PRAGMA wal_checkpoint(NOOP)')?.log) < 70);
  checkpointer.check();
  await wait;
  // This thread copied nothing at all.
  assert.throws(() => checkpointer.check(), { code: 'STORE_BUSY' });
});
