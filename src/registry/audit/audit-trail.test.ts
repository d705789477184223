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
import { compileAuditFilter } from './filter.ts';
import { searchTrail, trailPage, wholeTrail } from './read-trail.ts';
import { verifyChains } from './verify.ts';

const entry = (name: string, time: number, repository = 'app') =>
  auditEntry({ time, actor: { kind: 'user', name }, action: 'pull', outcome: 'done', repository } as never);

async function withDatabase(work: (database: SqlDatabase) => Promise<void>): Promise<void> {
  using folder = temporaryDirectory();
  await using database = await openSqliteDatabase({ path: join(folder.path, 'registry.db') });
  await migrate(database, migrations);
  await work(database);
}

const open = (database: SqlDatabase, chain: string, now = 1000): AuditTrail =>
  new AuditTrail({ database, logger: silentLogger, chain, now: () => now, interval: 3_600_000 });

test('AuditTrail chains what was recorded and noted, by several writers', () =>
  withDatabase(async (database) => {
    for (const chain of ['one', 'two', 'one']) {
      await using trail = open(database, chain);
      for (let at = 0; at < 3; at += 1) trail.note(entry(`noted-${at}`, at));
      await database.transaction((queries) => trail.record(queries, entry('recorded', 10)));
    }
    const verdict = await verifyChains(wholeTrail(database));
    assert.equal(verdict.whole, true);
    assert.equal(verdict.entries, 12);
    assert.deepEqual(
      verdict.heads.map(({ chain, sequence }) => [chain, sequence]),
      [
        ['one', 8],
        ['two', 4],
      ],
    );
    await database.transaction((queries) =>
      queries.run(`UPDATE audit SET entry = REPLACE(entry, 'noted-1', 'other') WHERE chain = 'two'`),
    );
    const changed = await verifyChains(wholeTrail(database));
    assert.equal(changed.whole, false);
    assert.deepEqual([changed.broken.chain, changed.broken.sequence], ['two', 3]);
  }));

test('AuditTrail asks nothing of the database before there is something to write', async () => {
  using folder = temporaryDirectory();
  // A registry that starts for the first time has no tables yet while its trail is there already.
  await using database = await openSqliteDatabase({ path: join(folder.path, 'registry.db') });
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => void errors.push(message) };
  await using trail = new AuditTrail({ database, logger, chain: 'one', now: () => 1000, interval: 3_600_000 });
  await trail.flush();
  assert.deepEqual(errors, []);
});

test('AuditTrail writes nothing of a transaction that failed', () =>
  withDatabase(async (database) => {
    await using trail = open(database, 'one');
    const failing = database.transaction(async (queries) => {
      await trail.record(queries, entry('lost', 1));
      throw new Error('no');
    });
    await assert.rejects(failing, /no/);
    await trail.flush();
    const verdict = await verifyChains(wholeTrail(database));
    assert.equal(verdict.whole && verdict.entries, 0);
  }));

test('AuditTrail seals what a killed process left', () =>
  withDatabase(async (database) => {
    const killed = open(database, 'killed');
    await database.transaction((queries) => killed.record(queries, entry('before the kill', 1)));
    await using young = open(database, 'young', 30_000);
    await young.adopt();
    assert.equal((await verifyChains(wholeTrail(database))).whole, true);
    const count = async (): Promise<number> => {
      let sum = 0;
      for await (const _ of wholeTrail(database)) sum += 1;
      return sum;
    };
    assert.equal(await count(), 0, 'it may still be at work');
    await using later = open(database, 'later', 100_000);
    await later.adopt();
    assert.equal(await count(), 1);
  }));

test('searchTrail() finds by who, image and time, oldest first, across pages', () =>
  withDatabase(async (database) => {
    {
      await using trail = open(database, 'one');
      for (let at = 0; at < 2500; at += 1)
        trail.note(entry(at % 2 === 0 ? 'alice' : 'bob', 2500 - at, `team/${at % 3}`));
    }
    const find = async (question: object): Promise<number[]> => {
      const times: number[] = [];
      const filter = compileAuditFilter(question, 10_000);
      for await (const { entry: found } of searchTrail(database, filter)) times.push(found.time);
      return times;
    };
    const alice = await find({ who: 'alice' });
    assert.equal(alice.length, 1250);
    assert.deepEqual(
      alice,
      alice.toSorted((a, b) => a - b),
    );
    assert.equal((await find({ who: 'user:bob', image: 'team/0' })).length, 417);
    assert.equal((await find({ who: 'robot:*' })).length, 0);
  }));

test('trailPage() ends a search that finds little, and tells where to go on', () =>
  withDatabase(async (database) => {
    await database.run(
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 25000)
       INSERT INTO audit (chain, sequence, previous, hash, time, actor, action, outcome, entry)
       SELECT 'a', n, '', '', n / 3, 'user:x', 'pull', 'done',
         '{"time":' || (n / 3) || ',"actor":{"kind":"user","name":"x' || n || '"},"action":"pull","outcome":"done"}' FROM numbers`,
    );
    const filter = compileAuditFilter({ who: 'x24000' }, 0);
    const first = await trailPage(database, filter, undefined, 10);
    assert.deepEqual([first.entries.length, first.next], [0, { time: 6666, id: 20_000 }]);
    const second = await trailPage(database, filter, first.next, 10);
    assert.deepEqual([second.entries.map(({ sequence }) => sequence), second.next], [[24_000], undefined]);
    const all = compileAuditFilter({}, 0);
    const page = await trailPage(database, all, { time: 1, id: 4 }, 3);
    assert.deepEqual([page.entries.map(({ sequence }) => sequence), page.next], [[5, 6, 7], { time: 2, id: 7 }]);
  }));
