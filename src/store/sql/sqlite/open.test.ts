import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { startCommits } from '../../../../testing/store/commit-process.ts';
import { testSqlDatabase } from '../../../../testing/store/sql-database-contract.ts';
import { StoreError } from '../../error.ts';
import { migrate } from '../migrate.ts';
import { SqliteConnection } from './connection.ts';
import { openSqliteDatabase } from './open.ts';

testSqlDatabase({
  name: 'sqlite',
  create: () => {
    const directory = temporaryDirectory();
    const path = join(directory.path, 'records.db');
    return Promise.resolve({
      open: () => openSqliteDatabase({ path, transactionTime: 200 }),
      [Symbol.asyncDispose]: () => Promise.resolve(directory[Symbol.dispose]()),
    });
  },
});

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const _ of items) found += 1;
  return found;
}

const table = 'CREATE TABLE entry (name TEXT PRIMARY KEY, body TEXT NOT NULL)';
const insert = 'INSERT INTO entry (name, body) VALUES (?, ?)';

test('openSqliteDatabase() makes files that only their owner reads', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'records.db');
  await using database = await openSqliteDatabase({ path });
  await database.run(table);
  for (const name of ['', '-wal', '-shm']) assert.equal(statSync(path + name).mode & 0o777, 0o600);
});

test('openSqliteDatabase() says what is wrong with a path', async () => {
  using directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'folder'));
  const text = directory.write(
    'text.db',
    'This is no database, and long enough to have a header of its own.'.repeat(40),
  );
  const cases = [
    [join(directory.path, 'nowhere/records.db'), 'STORE_UNAVAILABLE'],
    [join(directory.path, 'folder'), 'STORE_UNAVAILABLE'],
    [text, 'STORE_DAMAGED'],
  ] as const;
  for (const [path, code] of cases) {
    await assert.rejects(openSqliteDatabase({ path }), (error) => {
      assert.ok(error instanceof StoreError, path);
      assert.equal(error.code, code);
      assert.ok(error.message.includes(path));
      return true;
    });
  }
  assert.match(readFileSync(text, 'utf8'), /^This is no database/);
});

test('a damaged page is STORE_DAMAGED to whoever reads it', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'records.db');
  {
    await using database = await openSqliteDatabase({ path });
    await database.run(table);
    await database.transaction(async (queries) => {
      for (let at = 0; at < 500; at++) await queries.run(insert, `n${at}`, 'x'.repeat(100));
    });
  }
  const bytes = readFileSync(path);
  directory.write('records.db', bytes.fill(0xff, 4096));
  await using database = await openSqliteDatabase({ path });
  const damaged = (error: unknown): boolean => error instanceof StoreError && error.code === 'STORE_DAMAGED';
  await assert.rejects(database.all('SELECT name FROM entry'), damaged);
  await assert.rejects(database.run(insert, 'm', 'x'), damaged);
});

test('reads outside a transaction cannot write', async () => {
  using directory = temporaryDirectory();
  await using database = await openSqliteDatabase({ path: join(directory.path, 'records.db') });
  await database.run(table);
  await assert.rejects(database.get(`${insert} RETURNING name`, 'a', 'b'), /readonly/);
});

test('another process that holds the database is waited for, and then STORE_BUSY', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'records.db');
  await using patient = await openSqliteDatabase({ path });
  await using impatient = await openSqliteDatabase({ path, busyTime: 1 });
  await patient.run(table);
  await patient.transaction(async (queries) => {
    await queries.run(insert, 'a', 'b');
    // Waits for nothing but microtasks and timers of the other one, for less than the time of a transaction.
    await assert.rejects(
      impatient.run(insert, 'c', 'd'),
      (error) => error instanceof StoreError && error.code === 'STORE_BUSY',
    );
  });
  await impatient.run(insert, 'c', 'd');
  assert.equal((await patient.all('SELECT name FROM entry')).length, 2);
});

test('the log is copied into the database, and begins anew while writes go on', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'records.db');
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const logger = { debug: warn, info: warn, warn, error: warn };
  let written = 0;
  {
    await using database = await openSqliteDatabase({ path, logger, checkpointPages: 50, restartPages: 200 });
    await database.run(table);
    using observer = new SqliteConnection(path);
    let frames = 0;
    let restarts = 0;
    const write = async (): Promise<void> => {
      while (restarts < 3 && written < 200_000) {
        written += 1;
        const values = [`n${written}`, 'x'.repeat(500)];
        await database.transaction((queries) => queries.run(insert, ...values), { durable: false });
        const now = Number(observer.getNow('PRAGMA wal_checkpoint(NOOP)')?.log);
        if (now < frames) restarts += 1;
        frames = now;
      }
    };
    await write();
    assert.equal(restarts, 3);
    restarts = 0;
    await Promise.all(Array.from({ length: 8 }, write));
    assert.equal(restarts, 3);
  }
  assert.deepEqual(warnings, []);
  await using database = await openSqliteDatabase({ path });
  assert.deepEqual(await database.get('PRAGMA integrity_check'), { integrity_check: 'ok' });
  assert.deepEqual(await database.get('SELECT COUNT(*) AS entries FROM entry'), { entries: written });
});

test('what was acknowledged is there after the process was killed', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'records.db');
  const acknowledged = new Set<string>();
  for (const round of ['a', 'b', 'c']) {
    const child = startCommits({ path, prefix: round, count: 100_000, checkpointPages: 40 });
    for await (const name of child.acknowledged) {
      acknowledged.add(name);
      if (acknowledged.size % 400 === 0) break;
    }
    await child.kill();
    await using database = await openSqliteDatabase({ path });
    assert.deepEqual(await database.get('PRAGMA integrity_check'), { integrity_check: 'ok' });
    const rows = await database.all<{ name: string }>('SELECT name FROM entry');
    const kept = new Set(rows.map(({ name }) => name));
    assert.deepEqual(
      [...acknowledged].filter((name) => !kept.has(name)),
      [],
    );
  }
  assert.ok(acknowledged.size >= 1200);
});

test('several processes write one database, and migrate it at the same time', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'records.db');
  const children = ['a', 'b', 'c'].map((prefix) => startCommits({ path, prefix, count: 300, checkpointPages: 40 }));
  const counts = await Promise.all(children.map(async ({ acknowledged }) => count(acknowledged)));
  assert.deepEqual(counts, [300, 300, 300]);
  assert.deepEqual(await Promise.all(children.map(({ ended }) => ended)), [0, 0, 0]);
  await using database = await openSqliteDatabase({ path });
  assert.deepEqual(await database.get('SELECT COUNT(*) AS entries FROM entry'), { entries: 900 });
  assert.deepEqual(await database.get('SELECT value FROM counter'), { value: 900 });
  assert.deepEqual(await database.get('PRAGMA integrity_check'), { integrity_check: 'ok' });
});

test('a file that nobody may write is STORE_UNAVAILABLE', { skip: process.getuid?.() === 0 }, async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'records.db');
  {
    await using database = await openSqliteDatabase({ path });
    await migrate(database, []);
  }
  chmodSync(path, 0o400);
  await assert.rejects(
    openSqliteDatabase({ path }),
    (error) => error instanceof StoreError && error.code === 'STORE_UNAVAILABLE',
  );
});
