import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { silentLogger } from '../../base/logger.ts';
import { migrations } from '../../store/metadata/schema.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { migrate } from '../../store/sql/migrate.ts';
import { openSqliteDatabase } from '../../store/sql/sqlite/open.ts';
import { AuditTrail } from './audit-trail.ts';
import { auditEntry } from './entry.ts';
import { expireAudit } from './expire-audit.ts';
import type { ChainHead } from './chain.ts';
import { verifyTrail } from './verify-trail.ts';

const day = 86_400_000;

interface World {
  readonly database: SqlDatabase;
  /** Writes an entry for each of these days into a chain, as a process does. */
  readonly write: (chain: string, days: readonly number[]) => Promise<void>;
  /** Lets go what is older than a day, at the beginning of another. */
  readonly expire: (before: number, now: number) => Promise<number>;
  /** `chain:sequence` of all entries. */
  readonly entries: () => Promise<readonly string[]>;
}

async function inWorld(run: (world: World) => Promise<void>): Promise<void> {
  using folder = temporaryDirectory();
  await using database = await openSqliteDatabase({ path: join(folder.path, 'registry.db') });
  await migrate(database, migrations);
  const open = (chain: string, now: number): AuditTrail =>
    new AuditTrail({ database, logger: silentLogger, chain, now: () => now, interval: 3_600_000 });
  await run({
    database,
    async write(chain, days) {
      await using trail = open(chain, 0);
      for (const at of days) {
        const actor = { kind: 'user', name: `${chain} ${at}` } as const;
        trail.note(auditEntry({ time: at * day, actor, action: 'push', outcome: 'done', repository: 'a' }));
      }
    },
    async expire(before, now) {
      await using trail = open('later', now * day);
      return await expireAudit({ database, trail, before: before * day, now: () => now * day });
    },
    async entries() {
      const sql = 'SELECT chain, sequence FROM audit ORDER BY chain, sequence';
      return (await database.all<{ chain: string; sequence: number }>(sql)).map(
        ({ chain, sequence }) => `${chain}:${sequence}`,
      );
    },
  });
}

async function headsOf(database: SqlDatabase): Promise<readonly ChainHead[]> {
  const verdict = await verifyTrail(database);
  assert.ok(verdict.whole);
  return verdict.heads;
}

test('expireAudit() lets the old beginnings of chains go, and what is left is whole', () =>
  inWorld(async ({ database, write, expire, entries }) => {
    await write('busy', [1, 2, 3, 3, 10, 4, 11]);
    await write('ended', [1, 2, 3]);
    await write('single', [1]);
    await write('young', [10, 11]);
    const heads = await headsOf(database);
    assert.equal(await expire(5, 12), 5);
    const left = [
      // Younger ones stand before the second that is old, so it stays.
      'busy:4',
      'busy:5',
      'busy:6',
      'busy:7',
      'ended:3',
      'later:1',
      'single:1',
      'young:1',
      'young:2',
    ];
    assert.deepEqual(await entries(), left);
    const verdict = await verifyTrail(database, { expected: heads });
    assert.deepEqual([verdict.whole, verdict.whole && verdict.letGoBefore], [true, 5 * day]);
    assert.equal(await expire(5, 12), 0);
    assert.deepEqual(await entries(), left, 'where nothing goes, nothing is written down');
    assert.equal(await expire(11, 20), 2);
    assert.equal((await verifyTrail(database, { expected: heads })).whole, true);
    await write('busy', [20]);
    assert.equal((await verifyTrail(database, { expected: heads })).whole, true, 'chains go on');
  }));

test('expireAudit() writes down what goes anew, before the entry that said so goes itself', () =>
  inWorld(async ({ database, write, expire, entries }) => {
    for (let now = 1; now < 40; now += 1) {
      await write('busy', [now, now]);
      await expire(now - 7, now);
      const verdict = await verifyTrail(database);
      assert.ok(verdict.whole, JSON.stringify(verdict));
    }
    assert.ok((await entries()).length < 40);
  }));

test('expireAudit() that is stopped is whole at once, and goes on later', () =>
  inWorld(async ({ database, write, expire }) => {
    await write(
      'a',
      Array.from({ length: 1200 }, (_, at) => at / 1200),
    );
    await write('b', [0, 0]);
    await using trail = new AuditTrail({ database, logger: silentLogger, chain: 'c', now: () => 9 * day });
    const controller = new AbortController();
    let batches = 0;
    const stopping: SqlDatabase = {
      dialect: database.dialect,
      all: (sql, ...values) => database.all(sql, ...values),
      get: (sql, ...values) => database.get(sql, ...values),
      run: (sql, ...values) => database.run(sql, ...values),
      transaction(work, options) {
        batches += 1;
        if (batches === 1) controller.abort(new Error('stop'));
        return database.transaction(work, options);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const options = { database: stopping, trail, before: 5 * day, now: () => 9 * day, signal: controller.signal };
    await assert.rejects(expireAudit(options), /stop/);
    assert.equal((await verifyTrail(database)).whole, true);
    assert.equal(await expire(5, 9), 1199 - 500 + 1);
    assert.equal((await verifyTrail(database)).whole, true);
  }));

const forgeries: Readonly<Record<string, (database: SqlDatabase) => Promise<unknown>>> = {
  'takes one out of the middle': (database) => database.run(`DELETE FROM audit WHERE chain = 'busy' AND sequence = 6`),
  'takes more of a beginning': (database) => database.run(`DELETE FROM audit WHERE chain = 'busy' AND sequence < 6`),
  'takes the beginning of a young chain': (database) =>
    database.run(`DELETE FROM audit WHERE chain = 'young' AND sequence = 1`),
  'gives the first entry that is left an older time': async (database) => {
    await database.run(`DELETE FROM audit WHERE chain = 'busy' AND sequence < 6`);
    await database.run(
      `UPDATE audit SET entry = REPLACE(entry, '"time":${11 * day}', '"time":${day}') WHERE chain = 'busy' AND sequence = 6`,
    );
  },
  'takes the entry that says what went': (database) => database.run(`DELETE FROM audit WHERE chain = 'later'`),
  'lets that entry say more': (database) =>
    database.run(
      `UPDATE audit SET entry = REPLACE(entry, '"before":${5 * day}', '"before":${20 * day}') WHERE chain = 'later'`,
    ),
};

for (const [how, forge] of Object.entries(forgeries)) {
  test(`who ${how} is found out`, () =>
    inWorld(async ({ database, write, expire }) => {
      await write('busy', [1, 2, 3, 4, 10, 11, 11.5]);
      await write('young', [10, 11]);
      await expire(5, 12);
      assert.equal((await verifyTrail(database)).whole, true);
      await forge(database);
      assert.equal((await verifyTrail(database)).whole, false);
    }));
}

test('an entry that lets go of the last day says so in vain', () =>
  inWorld(async ({ database, write, expire }) => {
    await write('busy', [1, 11.5, 11.6, 11.7]);
    await expire(11.65, 12);
    assert.equal((await verifyTrail(database)).whole, false);
  }));
