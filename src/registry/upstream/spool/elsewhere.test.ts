import assert from 'node:assert/strict';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { digestOf, someBytes } from '../../../../testing/store/blob-data.ts';
import { systemClock } from '../../../net/clock.ts';
import { takeLease } from '../../../store/metadata/upstream-leases.ts';
import { migrations } from '../../../store/metadata/schema.ts';
import type { SqlDatabase } from '../../../store/sql/database.ts';
import { migrate } from '../../../store/sql/migrate.ts';
import { openSqliteDatabase } from '../../../store/sql/sqlite/open.ts';
import { GivenUp, watchElsewhere } from './elsewhere.ts';
import { GrowingBlob } from './growing.ts';

const size = 2_500_000;
const bytes = someBytes(size);
const wrong = Buffer.concat([bytes.subarray(0, size - 1), Buffer.of((bytes[size - 1] as number) ^ 1)]);

interface Case {
  readonly title: string;
  /** What whoever fetches it has of it; undefined where the file is not here. */
  readonly file?: Uint8Array;
  /** What is added after the first look. */
  readonly more?: Uint8Array;
  /** Whether the blob is kept, whoever brought it. */
  readonly isKept: boolean;
  /** Whether it is fetched still. */
  readonly isHeld: boolean;
  readonly end: 'whole' | RegExp;
}

const half = bytes.subarray(0, 1_000_000);

const cases: readonly Case[] = [
  { title: 'the whole of it', file: bytes, isKept: true, isHeld: false, end: 'whole' },
  { title: 'the whole of it, its lease not yet given back', file: bytes, isKept: true, isHeld: true, end: 'whole' },
  { title: 'other bytes, where it came otherwise', file: wrong, isKept: true, isHeld: true, end: /other bytes/ },
  { title: 'other bytes, given up', file: wrong, isKept: false, isHeld: false, end: /gave up/ },
  {
    title: 'a part, where it came otherwise',
    file: half,
    more: bytes.subarray(half.length),
    isKept: true,
    isHeld: true,
    end: 'whole',
  },
  {
    title: 'a part, where it came otherwise and this was given up',
    file: half,
    isKept: true,
    isHeld: false,
    end: /gave up/,
  },
  { title: 'a file of another machine', isKept: true, isHeld: false, end: 'whole' },
  { title: 'a file of another machine, given up', isKept: false, isHeld: false, end: /gave up/ },
];

describe('watchElsewhere()', () => {
  const folder = temporaryDirectory();
  let database: SqlDatabase;

  before(async () => {
    database = await openSqliteDatabase({ path: join(folder.path, 'registry.db') });
    await migrate(database, migrations);
  });
  after(async () => {
    await database[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  for (const [at, { title, file, more, isKept, isHeld, end }] of cases.entries()) {
    test(title, async () => {
      const path = join(folder.path, String(at));
      if (file !== undefined) writeFileSync(path, file);
      if (isHeld) await database.transaction((queries) => takeLease(queries, `blob ${at}`, 'other', 1000, 2000));
      const growing = new GrowingBlob(size, systemClock);
      const clock = {
        sleep: (milliseconds: number, signal?: AbortSignal) => {
          if (more !== undefined) appendFileSync(path, more);
          return systemClock.sleep(milliseconds, signal);
        },
      };
      const elsewhere = {
        spool: { find: async () => (existsSync(path) ? { path, handle: await open(path, 'r') } : undefined) },
        lease: `blob ${at}`,
        holder: 'other',
        digest: digestOf(bytes),
        size,
        isThere: () => Promise.resolve(isKept),
      };
      const content = { database, now: () => 1000 };
      const watched = watchElsewhere({ content, clock }, growing, elsewhere, AbortSignal.timeout(20_000));
      if (end === 'whole') {
        await watched;
        assert.equal(growing.readable, size);
      } else {
        await assert.rejects(watched, (error) => error instanceof GivenUp && end.test(error.message));
        assert.ok(growing.readable <= size - 65_536);
      }
      await growing.end();
    });
  }
});
