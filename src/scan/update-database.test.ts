import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder, testTime } from '../../testing/vulnerability-database.ts';
import { buildZip } from '../../testing/zip-builder.ts';
import { AdvisoryError } from '../advisory/error.ts';
import type { FetchBytes } from '../advisory/fetch-bytes.ts';
import { silentProgress } from '../base/progress.ts';
import { type UpdateOutcome, updateDatabase } from './update-database.ts';

const home = 'https://osv-vulnerabilities.storage.googleapis.com';
const kevPath = 'sites/default/files/feeds/known_exploited_vulnerabilities.json';
const day = 24 * 60 * 60 * 1000;

/** A bucket's zip with one advisory. */
function ecosystem(name: string): Buffer {
  const affected = [{ package: { ecosystem: name, name: 'a' }, versions: ['1'] }];
  const record = JSON.stringify({ id: `A-${name}`, modified: '2024-01-01T00:00:00Z', affected });
  return buildZip([{ name: `A-${name}.json`, content: record }]);
}

const flaw = {
  cveID: 'CVE-2026-1001',
  dateAdded: '2026-01-01',
  dueDate: '2026-02-01',
  knownRansomwareCampaignUse: 'Known',
};
const catalogue = Buffer.from(
  JSON.stringify({ catalogVersion: '1', dateReleased: '2026-01-01', count: 1, vulnerabilities: [flaw] }),
);

type Web = Readonly<Record<string, Buffer | 'fails'>>;

/** The web as far as feeds lie there: documents by their URLs, of which the rest is missing. */
function serve(web: Web): FetchBytes {
  return async (url, { etag }) => {
    const found = web[url];
    if (found === undefined) return 'missing';
    if (found === 'fails') throw new AdvisoryError('FEED_UNAVAILABLE', `${url} is out of reach`);
    return etag === '"1"' ? 'unchanged' : { bytes: found, etag: '"1"' };
  };
}

/** Updates a database on a day after the first. */
async function update(folder: string, from: string, web: Web, days: number, fresh = false): Promise<UpdateOutcome> {
  return await updateDatabase(folder, from, fresh, {
    fetchBytes: serve(web),
    progress: silentProgress,
    signal: new AbortController().signal,
    clock: () => new Date(testTime.getTime() + days * day),
  });
}

function timeOf(days: number): string {
  return new Date(testTime.getTime() + days * day).toISOString();
}

/** When each feed of a database was had last, where that was not for the newest build. */
function lastHad({ manifest }: UpdateOutcome): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(manifest.feeds.map(({ id, lastHadAt }) => [id, lastHadAt]));
}

const whole: Web = {
  [`${home}/npm/all.zip`]: ecosystem('npm'),
  [`${home}/PyPI/all.zip`]: ecosystem('PyPI'),
  [`https://www.cisa.gov/${kevPath}`]: catalogue,
};
const allHad = { kev: undefined, 'osv:PyPI': undefined, 'osv:npm': undefined };

const failures: readonly (readonly [
  what: string,
  url: string,
  state: 'fails' | undefined,
  feed: string,
  code: string,
])[] = [
  ['a list that is out of reach', `https://www.cisa.gov/${kevPath}`, 'fails', 'kev', 'FEED_UNAVAILABLE'],
  ['a list that is gone', `https://www.cisa.gov/${kevPath}`, undefined, 'kev', 'FEED_MISSING'],
  ['an ecosystem that is gone', `${home}/PyPI/all.zip`, undefined, 'osv:PyPI', 'FEED_MISSING'],
];

for (const [what, url, state, feed, code] of failures) {
  test(`updateDatabase() keeps ${what} with the time when it was had last, until it is there again`, async () => {
    using folder = temporaryFolder();
    const { [url]: _, ...others } = whole;
    const without = state === undefined ? others : { ...others, [url]: state };
    assert.deepEqual(lastHad(await update(folder.path, home, whole, 0)), allHad);
    // It is asked, and has not changed.
    assert.deepEqual(lastHad(await update(folder.path, home, whole, 1)), allHad);
    for (const days of [2, 3]) {
      const outcome = await update(folder.path, home, without, days);
      assert.deepEqual(lastHad(outcome), { ...allHad, [feed]: timeOf(1) });
      assert.equal(outcome.manifest.builtAt, timeOf(days));
      assert.ok(outcome.problems.some((problem) => problem.subject === feed && problem.code === code));
    }
    assert.deepEqual(lastHad(await update(folder.path, home, whole, 4)), allHad);
    // What is built anew has nothing of it, and so is as young as it says.
    const anew = lastHad(await update(folder.path, home, without, 5, true));
    assert.deepEqual(
      [Object.keys(anew).length, anew[feed], Object.values(anew).every((one) => one === undefined)],
      [2, undefined, true],
    );
  });
}

test('updateDatabase() takes a list that a mirror no longer has from its home, which is to have it', async () => {
  using folder = temporaryFolder();
  const mirror = 'https://mirror.example';
  const npm = { [`${mirror}/npm/all.zip`]: ecosystem('npm') };
  const { [`https://www.cisa.gov/${kevPath}`]: kev } = whole;
  assert.ok(kev !== undefined);
  await update(folder.path, mirror, { ...npm, [`${mirror}/known_exploited_vulnerabilities.json`]: kev }, 0);
  const atHome = await update(folder.path, mirror, { ...npm, [`https://www.cisa.gov/${kevPath}`]: kev }, 1);
  assert.deepEqual(lastHad(atHome), { kev: undefined, 'osv:npm': undefined });
  assert.deepEqual(lastHad(await update(folder.path, mirror, npm, 2)), { kev: timeOf(1), 'osv:npm': undefined });
});

test('updateDatabase() keeps a list that a folder no longer has as old as it is', async () => {
  using folder = temporaryFolder();
  const feeds = join(folder.path, 'feeds');
  const list = join(feeds, 'known_exploited_vulnerabilities.json');
  for (const [path, bytes] of [
    [join(feeds, 'npm', 'all.zip'), ecosystem('npm')],
    [list, catalogue],
  ] as const) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const built = join(folder.path, 'vulndb');
  await update(built, feeds, {}, 0);
  const away = join(folder.path, 'away');
  cpSync(list, away);
  rmSync(list);
  assert.deepEqual(lastHad(await update(built, feeds, {}, 1)), { kev: timeOf(0), 'osv:npm': undefined });
  assert.deepEqual(lastHad(await update(built, feeds, {}, 2)), { kev: timeOf(0), 'osv:npm': undefined });
  cpSync(away, list);
  assert.deepEqual(lastHad(await update(built, feeds, {}, 3)), { kev: undefined, 'osv:npm': undefined });
});

test('updateDatabase() tells what is in the database no more', async () => {
  using folder = temporaryFolder();
  const feeds = join(folder.path, 'feeds');
  for (const name of ['npm', 'PyPI']) {
    mkdirSync(join(feeds, name), { recursive: true });
    writeFileSync(join(feeds, name, 'all.zip'), ecosystem(name));
  }
  const built = join(folder.path, 'vulndb');
  const missing = ({ problems }: UpdateOutcome): readonly (readonly [string, string | undefined])[] =>
    problems.filter(({ subject }) => subject?.startsWith('osv:')).map(({ code, subject }) => [code, subject]);
  assert.deepEqual(missing(await update(built, feeds, {}, 0)), []);
  // A folder that does not list it is not asked for it.
  rmSync(join(feeds, 'PyPI'), { recursive: true });
  assert.deepEqual(missing(await update(built, feeds, {}, 1)), [['FEED_MISSING', 'osv:PyPI']]);
  assert.deepEqual(missing(await update(built, feeds, {}, 2)), []);
  // Nor is there anything to keep where what was there is damaged.
  const mirror = 'https://mirror.example';
  const both = { [`${mirror}/npm/all.zip`]: ecosystem('npm'), [`${mirror}/PyPI/all.zip`]: ecosystem('PyPI') };
  const { manifest } = await update(built, mirror, both, 3);
  const shard = manifest.shards.find(({ feed, kind }) => feed === 'osv:PyPI' && kind === 'advisories');
  for (const name of readdirSync(join(built, 'shards'))) {
    if (shard !== undefined && name.startsWith(shard.sha256)) rmSync(join(built, 'shards', name));
  }
  const { [`${mirror}/PyPI/all.zip`]: _, ...others } = both;
  assert.deepEqual(missing(await update(built, mirror, others, 4)), [['FEED_MISSING', 'osv:PyPI']]);
});
