import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { StoreError } from '../../error.ts';
import type { SqlDatabase } from '../database.ts';
import { openSqliteDatabase } from './open.ts';

/** Pages, of 4 KiB each. */
const fullPages = 200;

const body = 'x'.repeat(5000);

function write(database: SqlDatabase, name: number): Promise<number> {
  const sql = 'INSERT INTO entry (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body';
  return database.transaction((queries) => queries.run(sql, name % 50, body), { durable: false });
}

/** Writes until that is refused, and gives how often it was not. */
async function writeUntilRefused(database: SqlDatabase, most: number): Promise<number> {
  for (let at = 0; at < most; at++) {
    try {
      await write(database, at);
    } catch (error) {
      assert.ok(error instanceof StoreError, String(error));
      assert.equal(error.code, 'STORE_BUSY');
      assert.match(error.message, /records\.db/);
      return at;
    }
  }
  return most;
}

for (const processes of [1, 2]) {
  test(`a log stays within its bound while something reads the database as it was (${processes})`, async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'records.db');
    const said: string[] = [];
    const say = (message: string): void => void said.push(message);
    const logger = { debug: say, info: say, warn: say, error: say };
    const options = { path, logger, checkpointPages: 20, restartPages: 50, fullPages } as const;
    await using opened = new AsyncDisposableStack();
    const databases: SqlDatabase[] = [];
    for (let at = 0; at < processes; at++) databases.push(opened.use(await openSqliteDatabase(options)));
    const first = databases[0] as SqlDatabase;
    await first.run('CREATE TABLE entry (name BIGINT PRIMARY KEY, body TEXT)');
    const bytes = (): number => statSync(`${path}-wal`).size;

    const reader = new DatabaseSync(path);
    reader.exec('BEGIN');
    reader.prepare('SELECT COUNT(*) FROM entry').get();
    const taken = await Promise.all(databases.map((database) => writeUntilRefused(database, 2000)));
    assert.ok(
      taken.every((count) => count > 10 && count < 2000),
      taken.join(),
    );
    // A group of transactions may be on its way when the bound is met.
    assert.ok(bytes() < 2 * fullPages * 4096, `${bytes()} bytes`);
    // Who only reads goes on, and sees what was written.
    assert.ok(Number((await first.get<{ n: number }>('SELECT COUNT(*) AS n FROM entry'))?.n) > 10);
    for (let at = 0; at < 5; at++) await assert.rejects(write(first, at), { code: 'STORE_BUSY' });
    assert.ok(said.filter((message) => message.includes('is full')).length <= processes, 'it is said once');

    reader.exec('COMMIT');
    for (const database of databases) {
      for (let attempt = 0; (await writeUntilRefused(database, 1)) === 0; attempt++) {
        assert.ok(attempt < 100, 'it goes on when the reader has ended');
        await sleep(50);
      }
    }
    for (const database of databases) assert.equal(await writeUntilRefused(database, 500), 500);
    assert.ok(bytes() < 2 * fullPages * 4096, `${bytes()} bytes`);
    reader.close();
  });
}
