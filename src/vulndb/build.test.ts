import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import {
  advisoryUpdate,
  makeAdvisory,
  makeAffected,
  temporaryFolder,
  testTime,
} from '../../testing/vulnerability-database.ts';
import type { Advisory } from '../finding/advisory.ts';
import { buildDatabase } from './build.ts';
import { openDatabase } from './database.ts';
import type { FeedOutcome, FeedUpdate } from './feed-update.ts';

const clock = (): Date => testTime;
const day = 24 * 60 * 60 * 1000;

function flaw(id: string, ...where: readonly string[]): Advisory {
  return makeAdvisory({ id, affected: where.map((place) => makeAffected(place, ['0 2.0'])) });
}

/** Ids of the advisories that the database has for a package. */
function idsOf(directory: string, ecosystem: string, release: string, name: string): string[] {
  using database = openDatabase(directory);
  const stored = database.query(ecosystem, release, [name]).get(name) ?? [];
  return [...database.details(stored).values()].map(({ id }) => id).sort();
}

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}

test('buildDatabase() writes one shard per release, and the same bytes for the same facts', async () => {
  using first = temporaryFolder();
  using second = temporaryFolder();
  const advisories = [flaw('A-2', 'Debian:12 b', 'Debian:11 b'), flaw('A-1', 'Debian:12 a', 'npm a', 'Debian:12 b')];
  const manifest = await buildDatabase(first.path, [advisoryUpdate(advisories)], { clock });
  await buildDatabase(second.path, [advisoryUpdate(advisories.toReversed())], { clock });
  assert.deepEqual(
    manifest.shards.map(({ key, records, packages }) => [key, records, packages]),
    [
      ['debian-11', 1, 1],
      ['debian-12', 2, 2],
      ['npm', 1, 1],
      ['ratings', 0, 0],
      ['ratings-osv-test', 0, 0],
    ],
  );
  assert.deepEqual(files(second.path), files(first.path));
  const read = (folder: string): string => readFileSync(join(folder, 'manifest.json'), 'utf8');
  assert.equal(read(second.path), read(first.path));
});

test('buildDatabase() leaves nothing but the manifest and the shards it names', async () => {
  using folder = temporaryFolder();
  const { shards } = await buildDatabase(folder.path, [advisoryUpdate([flaw('A-1', 'npm a')])], { clock });
  const expected = new Set(shards.map(({ sha256 }) => `shards/${sha256}.sqlite`));
  assert.deepEqual(files(folder.path), ['manifest.json', 'shards', ...[...expected].sort()]);
});

test('buildDatabase() takes the last of several advisories with one id, and none that is withdrawn', async () => {
  using folder = temporaryFolder();
  const advisories = [
    flaw('A-1', 'npm old'),
    flaw('A-1', 'npm new'),
    flaw('A-2', 'npm gone'),
    { ...flaw('A-2', 'npm gone'), withdrawn: '2024-01-01T00:00:00Z' },
  ];
  const { feeds } = await buildDatabase(folder.path, [advisoryUpdate(advisories)], { clock });
  assert.equal(feeds[0]?.records, 1);
  assert.deepEqual(idsOf(folder.path, 'npm', '', 'old'), []);
  assert.deepEqual(idsOf(folder.path, 'npm', '', 'new'), ['A-1']);
  assert.deepEqual(idsOf(folder.path, 'npm', '', 'gone'), []);
});

test('buildDatabase() applies changes as if everything had been built anew', async () => {
  using folder = temporaryFolder();
  using whole = temporaryFolder();
  const kept = flaw('A-1', 'Debian:12 a', 'Debian:11 a');
  const old = [kept, flaw('A-2', 'Debian:12 b'), flaw('A-3', 'Debian:12 a')];
  const changes = [
    flaw('A-2', 'Debian:12 c', 'Debian:13 c'),
    { ...flaw('A-3', 'Debian:12 a'), withdrawn: '2024-01-01T00:00:00Z' },
    flaw('A-4', 'Debian:12 a'),
  ];
  const before = await buildDatabase(folder.path, [advisoryUpdate(old)], { clock });
  const after = await buildDatabase(folder.path, [advisoryUpdate(changes, { mode: 'changes' })], { clock });
  const anew = await buildDatabase(whole.path, [advisoryUpdate([kept, ...changes])], { clock });
  assert.deepEqual(after, anew);
  const untouched = (manifest: typeof before): string | undefined =>
    manifest.shards.find(({ key }) => key === 'debian-11')?.sha256;
  assert.equal(untouched(after), untouched(before));
});

test('buildDatabase() keeps feeds that have not changed and drops those that are not named', async () => {
  using folder = temporaryFolder();
  const one = advisoryUpdate([flaw('A-1', 'npm a')], { id: 'osv:npm', fingerprint: 'first' });
  const two = advisoryUpdate([flaw('B-1', 'PyPI a')], { id: 'osv:PyPI' });
  const exploited: FeedUpdate = {
    id: 'kev',
    kind: 'exploited',
    items: [{ cve: 'CVE-2024-0001', exploited: { dateAdded: '2024-01-01', ransomware: false } }],
    outcome: () => ({ fingerprint: 'k', dropped: new Map([['MALFORMED', 2]]) }),
  };
  await buildDatabase(folder.path, [one, two, exploited], { clock });
  const { feeds, shards } = await buildDatabase(
    folder.path,
    [
      { id: 'osv:npm', kind: 'unchanged' },
      { id: 'kev', kind: 'unchanged' },
    ],
    { clock },
  );
  assert.deepEqual(
    feeds.map(({ id, fingerprint, records, dropped }) => [id, fingerprint, records, dropped]),
    [
      ['kev', 'k', 1, { MALFORMED: 2 }],
      ['osv:npm', 'first', 1, {}],
    ],
  );
  assert.deepEqual(
    shards.map(({ key }) => key),
    ['kev', 'npm', 'ratings', 'ratings-osv-npm'],
  );
  assert.deepEqual(idsOf(folder.path, 'npm', '', 'a'), ['A-1']);
});

test('buildDatabase() keeps a feed that could not be had with the time when it was had last, until it is had again', async () => {
  using folder = temporaryFolder();
  const states = [
    ['had', undefined],
    ['unavailable', 0],
    ['unavailable', 0],
    ['unchanged', undefined],
    ['unavailable', 3],
    ['had', undefined],
  ] as const;
  const timeOf = (at: number): Date => new Date(testTime.getTime() + at * day);
  for (const [at, [state, lastHad]] of states.entries()) {
    const had = advisoryUpdate([flaw('A-1', 'npm a')], { id: 'osv:npm' });
    const update: FeedUpdate = state === 'had' ? had : { id: 'osv:npm', kind: state };
    const { builtAt, feeds } = await buildDatabase(folder.path, [update], { clock: () => timeOf(at) });
    const lastHadAt = lastHad === undefined ? undefined : timeOf(lastHad).toISOString();
    assert.deepEqual([builtAt, feeds[0]?.lastHadAt], [timeOf(at).toISOString(), lastHadAt], `build ${at}`);
    assert.equal('lastHadAt' in (feeds[0] ?? {}), lastHad !== undefined);
    assert.deepEqual(idsOf(folder.path, 'npm', '', 'a'), ['A-1']);
  }
});

test('buildDatabase() refuses to keep what is not there', async () => {
  using folder = temporaryFolder();
  for (const kind of ['unchanged', 'unavailable'] as const) {
    const keep = [{ id: 'osv:npm', kind }];
    await assert.rejects(buildDatabase(folder.path, keep, { clock }), { code: 'DATABASE_MISSING' });
  }
  const changes = [advisoryUpdate([], { mode: 'changes' })];
  await assert.rejects(buildDatabase(folder.path, changes, { clock }), { code: 'DATABASE_MISSING' });
  assert.deepEqual(files(folder.path), []);
});

test('buildDatabase() leaves the old state when it fails or is stopped half-way', async () => {
  using folder = temporaryFolder();
  await buildDatabase(folder.path, [advisoryUpdate([flaw('A-1', 'npm a')])], { clock });
  const before = files(folder.path);
  const failing = advisoryUpdate(
    (function* () {
      yield flaw('A-2', 'npm b');
      throw new Error('the feed broke');
    })(),
  );
  await assert.rejects(buildDatabase(folder.path, [failing], { clock }), /the feed broke/);
  const stopped = { clock, signal: AbortSignal.abort(new Error('stopped')) };
  await assert.rejects(buildDatabase(folder.path, [advisoryUpdate([])], stopped), /stopped/);
  assert.deepEqual(files(folder.path), before);
  assert.deepEqual(idsOf(folder.path, 'npm', '', 'a'), ['A-1']);
});

test('buildDatabase() removes what is left over once its grace is over, and not before', async () => {
  using folder = temporaryFolder();
  const old = await buildDatabase(folder.path, [advisoryUpdate([flaw('A-1', 'npm a')])], { clock });
  const left = join(folder.path, 'shards', `${old.shards.find(({ key }) => key === 'npm')?.sha256}.sqlite`);
  const killed = join(folder.path, 'build-0123456789ab');
  mkdirSync(killed);
  writeFileSync(join(killed, 'staging.sqlite'), 'x');
  const foreign = join(folder.path, 'notes.txt');
  writeFileSync(foreign, 'mine');
  for (const path of [left, killed, foreign]) utimesSync(path, testTime, testTime);
  const rebuild = async (age: number): Promise<void> => {
    const later = (): Date => new Date(testTime.getTime() + age);
    await buildDatabase(folder.path, [advisoryUpdate([flaw('A-2', 'npm b')])], {
      clock: later,
      graceMilliseconds: day,
    });
  };
  await rebuild(day / 2);
  assert.deepEqual([left, killed, foreign].map(existsSync), [true, true, true]);
  await rebuild(2 * day);
  assert.deepEqual([left, killed, foreign].map(existsSync), [false, false, true]);
});

test('buildDatabase() says where it cannot write', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'file');
  writeFileSync(file, '');
  await assert.rejects(buildDatabase(file, [], { clock }), { code: 'DATABASE_UNWRITABLE' });
});

/** What SQLite throws when there is no more room. */
async function* fullDisk(): AsyncGenerator<Advisory> {
  yield flaw('A-1', 'npm a');
  using full = new DatabaseSync(':memory:');
  full.exec('CREATE TABLE t(x); PRAGMA max_page_count = 2');
  full.prepare('INSERT INTO t VALUES(zeroblob(100000))').run();
}

const outcome = (): FeedOutcome => ({ fingerprint: 'x', dropped: new Map() });

test('buildDatabase() says that a disk is full, and leaves the old database', async () => {
  using folder = temporaryFolder();
  await buildDatabase(folder.path, [advisoryUpdate([flaw('A-1', 'npm a')])], { clock });
  const before = files(folder.path);
  const update: FeedUpdate = { id: 'osv', kind: 'advisories', mode: 'whole', items: fullDisk(), outcome };
  const failure = { name: 'VulndbError', code: 'DATABASE_UNWRITABLE', message: /disk is full.*--cache-dir/ };
  await assert.rejects(buildDatabase(folder.path, [update], { clock }), failure);
  assert.deepEqual(files(folder.path), before);
});

test('buildDatabase() brings the ratings of all feeds together by CVE and GHSA', async () => {
  using folder = temporaryFolder();
  const rated = (id: string, severity: 'LOW' | 'HIGH', source: string, aliases: readonly string[]): Advisory => ({
    ...flaw(id, 'npm a'),
    severity,
    aliases,
    source: { id: source, name: source, url: 'https://s.example/' },
  });
  const cve = 'CVE-2024-0001';
  const one = [
    rated('GHSA-a', 'LOW', 'ghsa', [cve]),
    rated('GHSA-b', 'HIGH', 'ghsa', [cve]),
    rated('X-1', 'HIGH', 'x', [cve, 'CVE-2024-0002']),
  ];
  const two = [rated('PYSEC-1', 'LOW', 'pypa', [cve])];
  await buildDatabase(folder.path, [advisoryUpdate(one, { id: 'osv:npm' }), advisoryUpdate(two, { id: 'osv:PyPI' })], {
    clock,
  });
  using database = openDatabase(folder.path);
  const facts = database.flaws([cve, 'GHSA-a', 'CVE-2024-0002']);
  const told = [...facts].map(([id, { ratings }]) => [
    id,
    ...ratings.map(({ source, severity }) => `${source} ${severity}`),
  ]);
  assert.deepEqual(told, [
    [cve, 'ghsa HIGH', 'pypa LOW'],
    ['GHSA-a', 'ghsa LOW'],
  ]);
});
