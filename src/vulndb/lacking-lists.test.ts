import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lackingLists } from './lacking-lists.ts';
import type { FeedState, ShardEntry, ShardKind } from './manifest.ts';

const builtAt = '2026-01-10T00:00:00.000Z';

const shard = (kind: ShardKind): ShardEntry => ({
  key: kind,
  kind,
  feed: kind,
  ecosystem: '',
  release: '',
  sha256: '0'.repeat(64),
  size: 1,
  records: 0,
  packages: 0,
});

const cases: readonly (readonly [there: readonly ShardKind[], lacking: readonly string[]])[] = [
  [[], ['exploited', 'epss']],
  [
    ['advisories', 'ratings'],
    ['exploited', 'epss'],
  ],
  [['advisories', 'scores'], ['exploited']],
  [['advisories', 'exploited'], ['epss']],
  [['advisories', 'exploited', 'scores'], []],
];

for (const [there, lacking] of cases) {
  test(`lackingLists() names ${lacking.join(' and ') || 'nothing'} for a database of ${there.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(lackingLists({ builtAt, feeds: [], shards: there.map(shard) }), lacking);
  });
}

const feed = (id: string, lastHadAt?: string): FeedState => ({
  id,
  fingerprint: '',
  // How old the list itself is says nothing: it had not changed for so long.
  fetchedAt: '2020-01-01T00:00:00.000Z',
  ...(lastHadAt === undefined ? {} : { lastHadAt }),
  records: 1,
  dropped: {},
});

const kept: readonly (readonly [lastHadAt: string | undefined, lacking: readonly string[]])[] = [
  [undefined, []],
  ['2026-01-09T00:00:00.000Z', []],
  ['2026-01-05T00:00:00.000Z', []],
  ['2026-01-04T23:59:59.999Z', ['exploited']],
  ['2025-01-01T00:00:00.000Z', ['exploited']],
  // A clock that was set back.
  ['2027-01-01T00:00:00.000Z', []],
];

for (const [lastHadAt, lacking] of kept) {
  test(`a list that was had last at ${lastHadAt ?? 'the build'} is ${lacking.length === 0 ? 'there' : 'not there'}`, () => {
    const shards = (['advisories', 'exploited', 'scores'] as const).map(shard);
    const feeds = [feed('advisories', '2020-01-01T00:00:00.000Z'), feed('exploited', lastHadAt), feed('scores')];
    assert.deepEqual(lackingLists({ builtAt, feeds, shards }), lacking);
  });
}
