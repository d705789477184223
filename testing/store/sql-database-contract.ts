import assert from 'node:assert/strict';
import test from 'node:test';
import type { SqlDatabase, SqlQueries, SqlValue } from '../../src/store/sql/database.ts';
import { migrate, type Migration } from '../../src/store/sql/migrate.ts';
import { StoreError } from '../../src/store/error.ts';

/** An empty database that can be opened several times, as several processes would. */
export interface EmptyDatabase extends AsyncDisposable {
  open(): Promise<SqlDatabase>;
}

/** What the suite runs on. */
export interface SqlDatabaseDriver {
  readonly name: string;
  create(): Promise<EmptyDatabase>;
}

const tables: Migration = {
  statements: ({ id, text, integer, bytes }) => [
    `CREATE TABLE entry (id ${id}, name ${text} NOT NULL UNIQUE, size ${integer}, body ${bytes})`,
    `CREATE TABLE counter (name ${text} PRIMARY KEY, value ${integer} NOT NULL)`,
    `INSERT INTO counter (name, value) VALUES ('a', 0), ('b', 0)`,
  ],
};

const insertEntry = 'INSERT INTO entry (name, size, body) VALUES (?, ?, ?)';
const names = 'SELECT name FROM entry ORDER BY name';

async function increment(queries: SqlQueries, name = 'a'): Promise<number> {
  const row = await queries.get<{ value: number }>('SELECT value FROM counter WHERE name = ?', name);
  await queries.run('UPDATE counter SET value = ? WHERE name = ?', (row?.value ?? 0) + 1, name);
  return row?.value ?? 0;
}

async function counter(database: SqlDatabase, name = 'a'): Promise<number | undefined> {
  return (await database.get<{ value: number }>('SELECT value FROM counter WHERE name = ?', name))?.value;
}

async function range(count: number, make: (at: number) => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, at) => make(at)));
}

function withCode(code: StoreError['code']): (error: unknown) => boolean {
  return (error) => error instanceof StoreError && error.code === code;
}

/** Registers the tests that every driver of SqlDatabase passes. */
export function testSqlDatabase(driver: SqlDatabaseDriver): void {
  const check = (name: string, run: (database: SqlDatabase, again: EmptyDatabase['open']) => Promise<void>): void => {
    test(`${driver.name}: ${name}`, async () => {
      await using empty = await driver.create();
      await using database = await empty.open();
      await migrate(database, [tables]);
      await run(database, () => empty.open());
    });
  };

  check('values come back as they were given', async (database) => {
    const values: readonly (readonly [SqlValue, SqlValue])[] = [
      [0, new Uint8Array()],
      [-1, Uint8Array.from({ length: 256 }, (_, at) => at)],
      [2 ** 31, new Uint8Array(300_000).fill(7)],
      [2 ** 53 - 1, null],
      [-(2 ** 53) + 1, null],
      [null, null],
    ];
    for (const [at, [size, body]] of values.entries()) await database.run(insertEntry, `é'"?$1 ${at}`, size, body);
    const rows = await database.all('SELECT name, size, body FROM entry ORDER BY id');
    assert.deepEqual(
      rows,
      values.map(([size, body], at) => ({ name: `é'"?$1 ${at}`, size, body })),
    );
  });

  check('what is counted and added up are numbers', async (database) => {
    for (const size of [2, 2 ** 40, 3]) await database.run(insertEntry, `n${size}`, size, null);
    const sql =
      'SELECT COUNT(*) AS entries, SUM(size) AS total, MAX(size) AS most, COALESCE(SUM(size), 0) AS sure FROM entry';
    assert.deepEqual(await database.get(sql), {
      entries: 3,
      total: 2 ** 40 + 5,
      most: 2 ** 40,
      sure: 2 ** 40 + 5,
    });
    assert.deepEqual(await database.get('SELECT SUM(size) AS total FROM entry WHERE size < ?', 0), { total: null });
    assert.deepEqual(await database.all('SELECT size / ? AS half FROM entry ORDER BY id LIMIT ?', 2, 1), [{ half: 1 }]);
  });

  check('text is ordered by its bytes', async (database) => {
    for (const name of ['é', 'a', 'Z', '~', 'a-b', 'aa', 'a/b', '_']) await database.run(insertEntry, name, 0, null);
    const found = (await database.all<{ name: string }>(names)).map(({ name }) => name);
    assert.deepEqual(found, ['Z', '_', 'a', 'a-b', 'a/b', 'aa', '~', 'é']);
    const after = await database.all<{ name: string }>('SELECT name FROM entry WHERE name > ? ORDER BY name', 'a/');
    assert.deepEqual(
      after.map(({ name }) => name),
      ['a/b', 'aa', '~', 'é'],
    );
  });

  check('run() gives the number of rows that it changed', async (database) => {
    assert.equal(await database.run(insertEntry, 'x', 1, null), 1);
    assert.equal(await database.run("UPDATE counter SET value = 5 WHERE name IN ('a', 'b')"), 2);
    assert.equal(await database.run('DELETE FROM entry WHERE name = ?', 'y'), 0);
    assert.equal(await database.run(`${insertEntry} ON CONFLICT (name) DO NOTHING`, 'x', 2, null), 0);
  });

  check('get() gives one row or undefined', async (database) => {
    await database.run(insertEntry, 'x', 1, null);
    assert.deepEqual(await database.get('SELECT size FROM entry'), { size: 1 });
    assert.equal(await database.get('SELECT size FROM entry WHERE name = ?', 'y'), undefined);
    const made = await database.transaction((queries) =>
      queries.get<{ id: number }>(`${insertEntry} RETURNING id`, 'y', 1, null),
    );
    assert.equal(made?.id, 2);
  });

  check('a transaction gives what its work gives, durable or not', async (database) => {
    for (const durable of [true, false]) {
      const size = await database.transaction(
        async (queries) => {
          await queries.run(insertEntry, `x${durable}`, 1, null);
          return (await queries.get<{ size: number }>('SELECT size FROM entry WHERE name = ?', `x${durable}`))?.size;
        },
        { durable },
      );
      assert.equal(size, 1);
    }
    assert.equal((await database.all(names)).length, 2);
  });

  check('what the work throws rolls back and is thrown on', async (database) => {
    const reason = new Error('no');
    const work = async (queries: SqlQueries): Promise<void> => {
      await queries.run(insertEntry, 'x', 1, null);
      throw reason;
    };
    await assert.rejects(database.transaction(work), (error) => error === reason);
    await assert.rejects(database.transaction(work, { durable: false }), (error) => error === reason);
    assert.deepEqual(await database.all(names), []);
  });

  check('a statement that failed dooms its transaction, even when the work goes on', async (database) => {
    await database.run(insertEntry, 'x', 1, null);
    const work = async (queries: SqlQueries): Promise<void> => {
      await queries.run(insertEntry, 'y', 1, null);
      await assert.rejects(queries.run(insertEntry, 'x', 1, null));
      await assert.rejects(queries.get('SELECT 1 AS one'));
    };
    await assert.rejects(database.transaction(work));
    assert.deepEqual(await database.all(names), [{ name: 'x' }]);
  });

  check('one that throws among others harms none', async (database) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, at) =>
        database.transaction(async (queries) => {
          await queries.run(insertEntry, `n${at}`, at, null);
          if (at % 3 === 0) throw new Error('no');
          if (at % 3 === 1) await queries.run('INSERT INTO nowhere (x) VALUES (1)');
        }),
      ),
    );
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 20);
    const kept = await database.all<{ size: number }>('SELECT size FROM entry ORDER BY size');
    assert.deepEqual(
      kept.map(({ size }) => size),
      Array.from({ length: 20 }, (_, at) => at * 3 + 2),
    );
  });

  check('reads outside see nothing that is not committed', async (database, again) => {
    await using other = await again();
    await database.transaction(async (queries) => {
      await queries.run(insertEntry, 'x', 1, null);
      assert.equal((await queries.all(names)).length, 1);
      assert.deepEqual(await database.all(names), []);
      assert.deepEqual(await other.all(names), []);
    });
    assert.equal((await database.all(names)).length, 1);
    assert.equal((await other.all(names)).length, 1);
  });

  check('what was committed is seen by the next to read, in every instance', async (database, again) => {
    await using other = await again();
    for (let round = 0; round < 30; round++) {
      await (round % 2 === 0 ? database : other).run(insertEntry, `n${round}`, round, null);
      assert.equal((await database.all(names)).length, round + 1);
      assert.equal((await other.all(names)).length, round + 1);
    }
  });

  check('increments at the same time lose nothing', async (database, again) => {
    await using other = await again();
    await range(60, (at) => (at % 2 === 0 ? database : other).transaction((queries) => increment(queries)));
    assert.equal(await counter(database), 60);
  });

  check('500 transactions at the same time', async (database) => {
    await range(500, (at) => database.transaction((queries) => queries.run(insertEntry, `n${at}`, at, null)));
    assert.deepEqual(await database.get('SELECT COUNT(*) AS entries FROM entry'), { entries: 500 });
  });

  check('write skew is not possible', async (database, again) => {
    await using other = await again();
    // Each reads both counters and raises its own only while both are even: one after another, only the first does.
    const raise = (on: SqlDatabase, name: string): Promise<boolean> =>
      on.transaction(async (queries) => {
        const row = await queries.get<{ total: number }>('SELECT SUM(value) AS total FROM counter');
        if ((row?.total ?? 0) % 2 !== 0) return false;
        await increment(queries, name);
        return true;
      });
    for (let round = 0; round < 15; round++) {
      await database.run('UPDATE counter SET value = 0');
      const raised = await Promise.all([raise(database, 'a'), raise(other, 'b')]);
      assert.equal(raised.filter(Boolean).length, 1);
    }
  });

  check('a row that was looked for and not found is added once', async (database, again) => {
    await using other = await again();
    const add = (on: SqlDatabase): Promise<boolean> =>
      on.transaction(async (queries) => {
        const found = await queries.get('SELECT id FROM entry WHERE size = ?', 7);
        if (found !== undefined) return false;
        const row = await queries.get<{ entries: number }>('SELECT COUNT(*) AS entries FROM entry');
        await queries.run(insertEntry, `n${row?.entries ?? 0}-${Math.random()}`, 7, null);
        return true;
      });
    const added = await Promise.all(Array.from({ length: 12 }, (_, at) => add(at % 2 === 0 ? database : other)));
    assert.equal(added.filter(Boolean).length, 1);
  });

  check('nothing can be asked once the transaction is over', async (database) => {
    let kept: SqlQueries | undefined;
    await database.transaction(async (queries) => {
      kept = queries;
      await increment(queries);
    });
    await assert.rejects(async () => kept?.run('UPDATE counter SET value = 9'), withCode('STORE_BUSY'));
    assert.equal(await counter(database), 1);
  });

  check('a transaction that waits for something else ends in an error, and the next ones run', async (database) => {
    const stuck = database.transaction(async (queries) => {
      await increment(queries);
      await new Promise(() => undefined);
    });
    await assert.rejects(stuck, withCode('STORE_BUSY'));
    await database.transaction((queries) => increment(queries));
    assert.equal(await counter(database), 1);
  });

  check('closing waits for what was asked, and refuses what comes after', async (database, again) => {
    const other = await again();
    const asked = Array.from({ length: 10 }, () => other.transaction((queries) => increment(queries)));
    await other[Symbol.asyncDispose]();
    assert.equal((await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected').length, 0);
    assert.equal(await counter(database), 10);
    await assert.rejects(other.get('SELECT 1 AS one'), withCode('STORE_UNAVAILABLE'));
    await assert.rejects(
      other.transaction((queries) => increment(queries)),
      withCode('STORE_UNAVAILABLE'),
    );
    await other[Symbol.asyncDispose]();
  });

  const steps: readonly Migration[] = [
    tables,
    { statements: ({ text }) => [`ALTER TABLE entry ADD COLUMN kind ${text}`] },
    { statements: () => ["UPDATE counter SET value = value + 1 WHERE name = 'b'"] },
  ];

  test(`${driver.name}: steps are taken once, however many start at the same time`, async () => {
    await using empty = await driver.create();
    await using opened = new AsyncDisposableStack();
    const instances = await Promise.all(Array.from({ length: 4 }, async () => opened.use(await empty.open())));
    await Promise.all(instances.map((database) => migrate(database, steps)));
    await Promise.all(instances.map((database) => migrate(database, steps)));
    assert.equal(await counter(instances[0] as SqlDatabase, 'b'), 1);
    await (instances[1] as SqlDatabase).run('INSERT INTO entry (name, kind) VALUES (?, ?)', 'x', 'y');
    assert.deepEqual(await (instances[2] as SqlDatabase).get('SELECT kind FROM entry'), { kind: 'y' });
  });

  test(`${driver.name}: a database that went further is refused, and stays as it is`, async () => {
    await using empty = await driver.create();
    await using database = await empty.open();
    await migrate(database, steps);
    await assert.rejects(migrate(database, steps.slice(0, 2)), withCode('STORE_TOO_NEW'));
    await migrate(database, steps);
  });
}
