import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { StoreError } from '../../error.ts';
import { SqliteConnection } from './connection.ts';
import { GroupWriter, type GroupWriterOptions } from './group-writer.ts';

const insert = 'INSERT INTO entry (name) VALUES (?)';

interface Fixture extends Disposable {
  readonly writer: GroupWriter;
  readonly connection: SqliteConnection;
  readonly reader: SqliteConnection;
}

function open(options: Partial<GroupWriterOptions> = {}): Fixture {
  const stack = new DisposableStack();
  const path = join(stack.use(temporaryDirectory()).path, 'records.db');
  const connection = stack.use(new SqliteConnection(path));
  connection.execute('PRAGMA journal_mode = WAL; CREATE TABLE entry (name TEXT UNIQUE)');
  const reader = stack.use(new SqliteConnection(path));
  const writer = new GroupWriter(connection, {
    path,
    busyTime: 50,
    transactionTime: 50,
    groupTime: 60_000,
    durable: () => Promise.resolve(),
    check: () => undefined,
    afterGroup: () => undefined,
    ...options,
  });
  return { writer, connection, reader, [Symbol.dispose]: () => stack.dispose() };
}

function entries({ reader }: Fixture): unknown {
  return reader.getNow('SELECT COUNT(*) AS entries FROM entry')?.entries;
}

test('GroupWriter: a durable transaction is not told before the sync, one that is not durable is', async () => {
  const sync = Promise.withResolvers<void>();
  using fixture = open({ durable: () => sync.promise });
  const told: string[] = [];
  const durable = fixture.writer.transaction((queries) => queries.run(insert, 'a'), true);
  const quick = fixture.writer.transaction((queries) => queries.run(insert, 'b'), false);
  void durable.then(() => told.push('durable'));
  void quick.then(() => told.push('quick'));
  await quick;
  await nextTurn();
  assert.deepEqual(told, ['quick']);
  assert.equal(entries(fixture), 2);
  sync.resolve();
  await durable;
  await fixture.writer.idle();
  assert.deepEqual(told, ['quick', 'durable']);
});

test('GroupWriter: a sync that failed is told to those who waited for it', async () => {
  using fixture = open({ durable: () => Promise.reject(new Error('EIO')) });
  await assert.rejects(
    fixture.writer.transaction((queries) => queries.run(insert, 'a'), true),
    /EIO/,
  );
  await fixture.writer.transaction((queries) => queries.run(insert, 'b'), false);
});

test('GroupWriter: nothing begins when the check fails', async () => {
  using fixture = open({
    check: () => {
      throw new StoreError('STORE_UNAVAILABLE', 'no');
    },
  });
  await assert.rejects(
    fixture.writer.transaction((queries) => queries.run(insert, 'a'), true),
    { code: 'STORE_UNAVAILABLE' },
  );
  assert.equal(entries(fixture), 0);
});

test('GroupWriter: those who ask at the same time share one COMMIT', async () => {
  let groups = 0;
  using fixture = open({
    afterGroup: () => {
      groups += 1;
      return undefined;
    },
  });
  const ask = (name: string): Promise<number> =>
    fixture.writer.transaction((queries) => queries.run(insert, name), true);
  await Promise.all(Array.from({ length: 20 }, (_, at) => ask(`a${at}`)));
  assert.equal(groups, 1);
  await Promise.all(Array.from({ length: 300 }, (_, at) => ask(`b${at}`)));
  // 128 at most in each.
  assert.equal(groups, 4);
  assert.equal(entries(fixture), 320);
});

test('GroupWriter: a group ends after its time, so that others get turns', async () => {
  let groups = 0;
  using fixture = open({
    groupTime: -1,
    afterGroup: () => {
      groups += 1;
      return undefined;
    },
  });
  const ask = (name: string): Promise<number> =>
    fixture.writer.transaction((queries) => queries.run(insert, name), true);
  await Promise.all(['a', 'b', 'c'].map(ask));
  assert.equal(groups, 3);
});

test('GroupWriter: a failure that rests on what others of the group wrote is told after COMMIT only', async () => {
  using fixture = open();
  const first = fixture.writer.transaction((queries) => queries.run(insert, 'a'), true);
  const second = fixture.writer.transaction(async (queries) => {
    assert.ok((await queries.get('SELECT name FROM entry')) !== undefined);
    throw new Error('there already');
  }, true);
  await assert.rejects(second, /there already/);
  assert.equal(entries(fixture), 1);
  await first;
});

test('GroupWriter: when the disk is full its group fails as a whole, and later ones work again', async () => {
  using fixture = open();
  fixture.connection.execute('PRAGMA cache_size = 1; PRAGMA max_page_count = 40');
  const body = 'x'.repeat(1000);
  const outcomes = await Promise.allSettled([
    fixture.writer.transaction((queries) => queries.run(insert, 'small'), true),
    fixture.writer.transaction(async (queries) => {
      for (let at = 0; at < 1000; at++) await queries.run(insert, `${at}${body}`);
    }, true),
  ]);
  const large = outcomes[1];
  assert.ok(large.status === 'rejected' && large.reason instanceof StoreError && large.reason.code === 'STORE_FULL');
  // SQLite may have given up the whole group; then the small one is told so, and else it is there.
  assert.equal(entries(fixture), outcomes[0].status === 'fulfilled' ? 1 : 0);
  fixture.connection.execute('PRAGMA max_page_count = 4000');
  await fixture.writer.transaction((queries) => queries.run(insert, 'later'), true);
  assert.ok(fixture.reader.getNow('SELECT name FROM entry WHERE name = ?', ['later']));
});

test('GroupWriter: when SQLite gives up the group, all of it fails', async () => {
  using fixture = open();
  const outcomes = await Promise.allSettled([
    fixture.writer.transaction((queries) => queries.run(insert, 'a'), true),
    // As SQLite does for itself on some errors of the disk.
    fixture.writer.transaction((queries) => queries.run('ROLLBACK'), true),
    fixture.writer.transaction((queries) => queries.run(insert, 'c'), true),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  );
  assert.equal(entries(fixture), 1);
});

test('GroupWriter: each waits for other writers for its own time', async () => {
  using fixture = open();
  fixture.reader.execute('BEGIN IMMEDIATE');
  await assert.rejects(
    fixture.writer.transaction((queries) => queries.run(insert, 'a'), true),
    { code: 'STORE_BUSY' },
  );
  const later = fixture.writer.transaction((queries) => queries.run(insert, 'b'), true);
  fixture.reader.execute('ROLLBACK');
  assert.equal(await later, 1);
});
