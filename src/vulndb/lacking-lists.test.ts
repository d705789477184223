import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lackingLists } from './lacking-lists.ts';
import type { ShardEntry, ShardKind } from './manifest.ts';

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
    assert.deepEqual(lackingLists({ shards: there.map(shard) }), lacking);
  });
}
