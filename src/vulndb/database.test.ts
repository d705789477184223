import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  advisoryUpdate,
  makeAdvisory,
  makeAffected,
  temporaryFolder,
  testTime,
  withDatabase,
} from '../../testing/vulnerability-database.ts';
import { buildDatabase } from './build.ts';
import { openDatabase } from './database.ts';
import { VulndbError } from './error.ts';
import type { FeedUpdate } from './feed-update.ts';
import { shardPath } from './paths.ts';
import { readStatus, requireFresh, verifyDatabase } from './status.ts';

const clock = (): Date => testTime;
const day = 24 * 60 * 60 * 1000;
const advisory = makeAdvisory({
  id: 'A-1',
  aliases: ['CVE-2024-0001'],
  summary: 'A title',
  details: 'A text',
  affected: [
    makeAffected('PyPI Some_Name', ['0 1.0', '2.0 <=2.5'], { severity: 'LOW' }),
    makeAffected('PyPI some-name', ['3.0'], { versions: ['9.9'], arches: ['x86_64'], status: 'will_not_fix' }),
    makeAffected('Debian:12 "odd\u0000\u{1F600}name', ['0']),
  ],
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

test('query() finds packages by every spelling and tells what matching needs', async () => {
  await withDatabase([advisoryUpdate([advisory])], (database) => {
    const found = database.query('PyPI', '', ['SOME.name', 'some-name', 'other']);
    assert.deepEqual([...found.keys()].sort(), ['SOME.name', 'some-name']);
    assert.deepEqual(found.get('some-name')?.[0]?.affected, [
      {
        ranges: [
          { introduced: '0', fixed: '1.0' },
          { introduced: '2.0', lastAffected: '2.5' },
        ],
        versions: [],
        severity: 'LOW',
      },
      { ranges: [{ introduced: '3.0' }], versions: ['9.9'], status: 'will_not_fix', arches: ['x86_64'] },
    ]);
  });
});

test('details() gives the whole advisory', async () => {
  await withDatabase([advisoryUpdate([advisory])], (database) => {
    const stored = database.query('PyPI', '', ['some-name']).get('some-name') ?? [];
    const { affected: _, ...rest } = advisory;
    assert.deepEqual([...database.details(stored).values()], [rest]);
  });
});

test('releases() tells what the database knows nothing of from what it knows no flaw of', async () => {
  await withDatabase([advisoryUpdate([advisory])], (database) => {
    assert.deepEqual(database.releases('Debian'), ['12']);
    assert.deepEqual(database.releases('PyPI'), ['']);
    assert.deepEqual(database.releases('npm'), []);
    assert.deepEqual(database.releases('constructor'), []);
    assert.equal(database.query('Debian', '12', ['curl']).size, 0);
    assert.equal(database.query('Debian', '7', ['curl']).size, 0);
  });
});

test('openDatabase() says that there is none', () => {
  using folder = temporaryFolder();
  assert.throws(() => openDatabase(join(folder.path, 'nowhere')), {
    code: 'DATABASE_MISSING',
    message: /seaworthy db update/,
  });
});

test('openDatabase() leaves no file behind, and works in a folder that cannot be written', async () => {
  using folder = temporaryFolder();
  await buildDatabase(folder.path, [advisoryUpdate([advisory])], { clock });
  const before = filesOf(folder.path);
  chmodSync(join(folder.path, 'shards'), 0o500);
  try {
    using database = openDatabase(folder.path);
    assert.equal(database.query('PyPI', '', ['some-name']).size, 1);
    assert.deepEqual(filesOf(folder.path), before);
  } finally {
    chmodSync(join(folder.path, 'shards'), 0o700);
  }
});

const damages: readonly (readonly [string, (path: string) => void])[] = [
  ['gone', (path) => rmSync(path)],
  ['empty', (path) => writeFileSync(path, '')],
  ['no database', (path) => writeFileSync(path, 'x'.repeat(10_000))],
  ['cut off', (path) => truncateSync(path, 5000)],
  ['overwritten inside', (path) => writeFileSync(path, readFileSync(path).fill(0xff, 4096))],
];

for (const [what, damage] of damages) {
  test(`query() says that a shard is damaged when it is ${what}`, async () => {
    using folder = temporaryFolder();
    const { shards } = await buildDatabase(folder.path, [advisoryUpdate([advisory])], { clock });
    const shard = shards.find(({ key }) => key === 'pypi');
    assert.ok(shard !== undefined);
    damage(shardPath(folder.path, shard.sha256));
    using database = openDatabase(folder.path);
    assert.throws(
      () => database.query('PyPI', '', ['some-name']),
      (error) => error instanceof VulndbError && error.code === 'DATABASE_CORRUPT',
    );
    assert.deepEqual(await verifyDatabase(folder.path), ['pypi']);
  });
}

test('verifyDatabase() finds a single wrong bit', async () => {
  using folder = temporaryFolder();
  const { shards } = await buildDatabase(folder.path, [advisoryUpdate([advisory])], { clock });
  assert.deepEqual(await verifyDatabase(folder.path), []);
  const path = shardPath(folder.path, shards[0]?.sha256 ?? '');
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(path, bytes);
  assert.deepEqual(await verifyDatabase(folder.path), [shards[0]?.key]);
});

test('readStatus() describes the database', async () => {
  using folder = temporaryFolder();
  await buildDatabase(folder.path, [advisoryUpdate([advisory])], { clock });
  const status = readStatus(folder.path, new Date(testTime.getTime() + 5000));
  const size = readdirSync(join(folder.path, 'shards'))
    .map((name) => statSync(join(folder.path, 'shards', name)).size)
    .reduce((sum, bytes) => sum + bytes, 0);
  const own = status.manifest.shards.find(({ kind }) => kind === 'feed-ratings')?.size ?? 0;
  // Both rating shards are empty here and so the same file.
  assert.deepEqual([status.age, status.advisories, status.size], [5000, 1, size + own]);
});

test('requireFresh() refuses an old database', async () => {
  await withDatabase([advisoryUpdate([advisory])], ({ manifest }) => {
    const later = new Date(testTime.getTime() + 1001);
    requireFresh(manifest, later, 1001);
    assert.throws(() => requireFresh(manifest, later, 1000), { code: 'DATABASE_OLD', message: /seaworthy db update/ });
  });
});

test('a database is as old as its feed that could not be had, and a refusal names that one', async () => {
  using folder = temporaryFolder();
  const kev = {
    id: 'kev',
    kind: 'exploited',
    items: [],
    outcome: () => ({ fingerprint: 'k', dropped: new Map() }),
  } as const;
  const builds: readonly (readonly [days: number, updates: readonly FeedUpdate[]])[] = [
    [0, [advisoryUpdate([advisory]), kev]],
    // A list of marks that cannot be had makes nothing old.
    [1, [advisoryUpdate([advisory]), { id: 'kev', kind: 'unavailable' }]],
    [2, [advisoryUpdate([advisory]), kev]],
    [4, [{ id: 'osv:Test', kind: 'unavailable' }, kev]],
  ];
  const dayOf = (days: number): Date => new Date(testTime.getTime() + days * day);
  for (const [days, updates] of builds) {
    await buildDatabase(folder.path, updates, { clock: () => dayOf(days) });
    if (days <= 2) assert.equal(readStatus(folder.path, dayOf(2)).age, (2 - days) * day);
  }
  const { manifest, age, sinceBuilt } = readStatus(folder.path, dayOf(6));
  assert.deepEqual([age, sinceBuilt], [4 * day, 2 * day]);
  requireFresh(manifest, dayOf(6), 4 * day);
  const refusals = [
    [
      4 * day - 1,
      /has of "osv:Test" is of 2026-01-04T03:04:05\.000Z and too old; run "seaworthy db update", which .*"seaworthy db build"/,
    ],
    [2 * day, /has of "osv:Test" is/],
    [2 * day - 1, /is of 2026-01-06T03:04:05\.000Z and too old; run "seaworthy db update" to get/],
  ] as const;
  for (const [most, message] of refusals) {
    assert.throws(() => requireFresh(manifest, dayOf(6), most), { code: 'DATABASE_OLD', message });
  }
});
