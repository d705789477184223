import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { VulndbError } from './error.ts';
import { schemaVersion } from './limits.ts';
import { formatManifest, parseManifest, type Manifest } from './manifest.ts';

const manifest: Manifest = {
  schemaVersion,
  builtAt: '2026-01-02T03:04:05.000Z',
  feeds: [
    { id: 'kev', fingerprint: 'x', fetchedAt: '2026-01-02T03:04:05.000Z', records: 1, dropped: { MALFORMED: 2 } },
    {
      id: 'osv:Debian',
      fingerprint: 'y',
      fetchedAt: '2025-01-02T03:04:05.000Z',
      lastHadAt: '2026-01-01T03:04:05.000Z',
      records: 2,
      dropped: {},
    },
  ],
  shards: [
    {
      key: 'debian-12',
      kind: 'advisories',
      feed: 'osv:Debian',
      ecosystem: 'Debian',
      release: '12',
      sha256: 'a'.repeat(64),
      size: 1,
      records: 2,
      packages: 3,
    },
  ],
};

function lastHad(lastHadAt: unknown): string {
  return changed((value) => (value['feeds'] = manifest.feeds.map((feed) => ({ ...feed, lastHadAt }))));
}

function changed(change: (value: { [key: string]: unknown }, shard: { [key: string]: unknown }) => void): string {
  const value = JSON.parse(formatManifest(manifest)) as {
    [key: string]: unknown;
    shards: { [key: string]: unknown }[];
  };
  change(value, value.shards[0] as { [key: string]: unknown });
  return JSON.stringify(value);
}

test('parseManifest() reads what formatManifest() wrote', () => {
  assert.deepEqual(parseManifest(formatManifest(manifest)), manifest);
});

const broken: readonly (readonly [string, string, string])[] = [
  ['no JSON', '{"schemaVersion":1', 'DATABASE_CORRUPT'],
  ['a list', '[]', 'DATABASE_CORRUPT'],
  ['no version', changed((value) => delete value['schemaVersion']), 'DATABASE_CORRUPT'],
  ['another version', changed((value) => (value['schemaVersion'] = schemaVersion + 1)), 'DATABASE_SCHEMA'],
  ['no time', changed((value) => (value['builtAt'] = 'yesterday')), 'DATABASE_CORRUPT'],
  ['no shards', changed((value) => (value['shards'] = {})), 'DATABASE_CORRUPT'],
  ['no feeds', changed((value) => (value['feeds'] = [null])), 'DATABASE_CORRUPT'],
  ['a feed that was had at no time', lastHad('yesterday'), 'DATABASE_CORRUPT'],
  ['a feed that was had at a number', lastHad(1), 'DATABASE_CORRUPT'],
  ['a feed that was had at nothing', lastHad(null), 'DATABASE_CORRUPT'],
  ['a path for a digest', changed((_, shard) => (shard['sha256'] = '../../etc/passwd')), 'DATABASE_CORRUPT'],
  ['an unknown kind', changed((_, shard) => (shard['kind'] = 'other')), 'DATABASE_CORRUPT'],
  ['a size below zero', changed((_, shard) => (shard['size'] = -1)), 'DATABASE_CORRUPT'],
];

for (const [what, text, code] of broken) {
  test(`parseManifest() refuses ${what}`, () => {
    assert.throws(() => parseManifest(text), { name: 'VulndbError', code });
  });
}

test('parseManifest() ends in a coded error for any text', () => {
  const text = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(text, (input) => {
      try {
        parseManifest(input);
      } catch (error) {
        assert.ok(error instanceof VulndbError);
      }
    }),
  );
});
