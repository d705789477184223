import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databaseGaps } from './database-gaps.ts';
import type { Manifest, ShardEntry } from './manifest.ts';
import { stalestFeed, wholeAt } from './whole-at.ts';

const builtAt = '2026-01-10T00:00:00.000Z';

/** A database whose feeds were had last at these times, or for its build. */
function manifestOf(feeds: Readonly<Record<string, string | undefined>>): Manifest {
  return {
    schemaVersion: 1,
    builtAt,
    feeds: Object.entries(feeds).map(([id, lastHadAt]) => ({
      id,
      fingerprint: '',
      // How old the state itself is says nothing: it had not changed for so long.
      fetchedAt: '2020-01-01T00:00:00.000Z',
      ...(lastHadAt === undefined ? {} : { lastHadAt }),
      records: 1,
      dropped: {},
    })),
    shards: Object.keys(feeds).map((id): ShardEntry => {
      const kind = id === 'kev' ? 'exploited' : id === 'epss' ? 'scores' : 'advisories';
      return {
        key: id,
        kind,
        feed: id,
        ecosystem: '',
        release: '',
        sha256: '0'.repeat(64),
        size: 1,
        records: 1,
        packages: 1,
      };
    }),
  };
}

const cases: readonly (readonly [
  what: string,
  feeds: Readonly<Record<string, string | undefined>>,
  whole: string,
  stalest: string | undefined,
])[] = [
  ['no feeds', {}, builtAt, undefined],
  ['feeds that were all had', { 'osv:Go': undefined, 'osv:npm': undefined }, builtAt, undefined],
  [
    'one that was not',
    { 'osv:Go': undefined, 'osv:npm': '2026-01-02T00:00:00.000Z' },
    '2026-01-02T00:00:00.000Z',
    'osv:npm',
  ],
  [
    'several that were not',
    {
      'osv:Go': '2026-01-03T00:00:00.000Z',
      'osv:npm': '2026-01-02T00:00:00.000Z',
      'osv:PyPI': '2026-01-04T00:00:00.000Z',
    },
    '2026-01-02T00:00:00.000Z',
    'osv:npm',
  ],
  [
    'times of several zones',
    { 'osv:Go': '2026-01-02T01:00:00+02:00', 'osv:npm': '2026-01-02T00:00:00Z' },
    '2026-01-01T23:00:00Z',
    'osv:Go',
  ],
  ['a clock that was set back', { 'osv:npm': '2026-02-01T00:00:00.000Z' }, builtAt, 'osv:npm'],
  // Whoever asks for nothing but severities can do without them for a while.
  ['a list of marks that was not', { 'osv:npm': undefined, kev: '2026-01-02T00:00:00.000Z' }, builtAt, undefined],
];

for (const [what, feeds, whole, stalest] of cases) {
  test(`wholeAt() of a database with ${what}`, () => {
    const manifest = manifestOf(feeds);
    assert.equal(new Date(wholeAt(manifest)).getTime(), Date.parse(whole));
    assert.equal(stalestFeed(manifest)?.id, stalest);
    const gap = Date.parse(whole) === Date.parse(builtAt) ? {} : { databaseWholeAt: Date.parse(whole) };
    const { lacking: _, ...gaps } = databaseGaps(manifest);
    assert.deepEqual(gaps, gap);
  });
}
