import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { temporaryFolder } from '../../../testing/vulnerability-database.ts';
import { buildZip } from '../../../testing/zip-builder.ts';
import { silentProgress } from '../../base/progress.ts';
import { AdvisoryError } from '../error.ts';
import type { FeedDocument, FetchedFeed } from '../feed.ts';
import { parseFeedLocation } from '../feed-location.ts';
import type { FetchBytes } from '../fetch-bytes.ts';
import { feedLimits } from '../limits.ts';
import { readFeed, startTally } from '../read-feed.ts';
import { recordsOfArchive } from './archive.ts';
import { createOsvFeeds } from './feed.ts';
import { fetchOsv } from './fetch.ts';

const home = { kind: 'url', url: 'https://bucket.example' } as const;

interface Bucket {
  readonly fetchBytes: FetchBytes;
  /** URLs in the order they were asked for. */
  readonly asked: string[];
}

/** A bucket that holds documents by their paths and answers conditional requests by their text. */
function bucketOf(documents: Readonly<Record<string, string | Buffer>>): Bucket {
  const asked: string[] = [];
  return {
    asked,
    fetchBytes: async (url, { etag }) => {
      const path = url.slice(home.url.length + 1);
      asked.push(path);
      const found = documents[path];
      if (found === undefined) return 'missing';
      const own = `"${found.length}"`;
      return own === etag ? 'unchanged' : { bytes: Buffer.from(found), etag: own };
    },
  };
}

function zipOf(...ids: readonly string[]): Buffer {
  return buildZip(ids.map((id) => ({ name: `${id}.json`, content: recordOf(id), deflate: true })));
}

function recordOf(id: string, modified = '2024-01-01T00:00:00Z'): string {
  return JSON.stringify({ id, modified, affected: [{ package: { ecosystem: 'npm', name: id }, versions: ['1'] }] });
}

async function ask(bucket: Bucket, fingerprint?: string): Promise<FetchedFeed | 'unchanged'> {
  return fetchOsv(home, 'npm', { fetchBytes: bucket.fetchBytes, progress: silentProgress }, fingerprint);
}

async function documentsOf(fetched: FetchedFeed | 'unchanged'): Promise<FeedDocument[]> {
  assert.ok(fetched !== 'unchanged');
  const found: FeedDocument[] = [];
  for await (const document of fetched.documents) found.push(document);
  return found;
}

const since = JSON.stringify({ etag: '"old"', modified: '2024-01-02T00:00:00Z' });

test('fetchOsv() takes the whole zip at first, and says so when it has not changed', async () => {
  const bucket = bucketOf({ 'npm/all.zip': zipOf('A-1', 'A-2') });
  const fetched = await ask(bucket);
  assert.deepEqual(
    (await documentsOf(fetched)).map(({ name }) => name),
    ['A-1.json', 'A-2.json'],
  );
  assert.ok(fetched !== 'unchanged');
  assert.equal(fetched.mode, 'whole');
  assert.equal(await ask(bucket, fetched.fingerprint(undefined)), 'unchanged');
  assert.deepEqual(bucket.asked, ['npm/all.zip', 'npm/all.zip']);
});

test('fetchOsv() takes only what changed since, and goes on from there', async () => {
  const bucket = bucketOf({
    'npm/all.zip': zipOf('A-1'),
    'npm/modified_id.csv': [
      '2024-01-04T00:00:00Z,A-4',
      '2024-01-03T00:00:00.5Z,RLSA-2023:1',
      '2024-01-02T00:00:00Z,A-2',
      '2024-01-01T23:59:59.999Z,A-1',
    ].join('\n'),
    'npm/A-4.json': recordOf('A-4'),
    'npm/RLSA-2023%3A1.json': recordOf('RLSA-2023:1'),
  });
  const fetched = await ask(bucket, since);
  const documents = await documentsOf(fetched);
  assert.deepEqual(
    documents.map(({ name, bytes }) => [name, bytes !== undefined]),
    [
      ['A-4', true],
      ['RLSA-2023:1', true],
      ['A-2', false],
    ],
  );
  assert.ok(fetched !== 'unchanged');
  assert.equal(fetched.mode, 'changes');
  assert.ok(!bucket.asked.includes('npm/all.zip'));
  assert.equal(await ask(bucket, fetched.fingerprint(undefined)), 'unchanged');
});

const wholes: readonly (readonly [string, Readonly<Record<string, string | Buffer>>])[] = [
  ['there is no list', {}],
  ['the list is empty', { 'npm/modified_id.csv': '' }],
  ['the list is no such list', { 'npm/modified_id.csv': '<html>' }],
  ['the list names paths', { 'npm/modified_id.csv': '2024-01-03T00:00:00Z,../../x' }],
  ['the list is not newest first', { 'npm/modified_id.csv': '2024-01-03T00:00:00Z,A-1\n2024-01-04T00:00:00Z,A-2' }],
  ['the mirror lacks the records', { 'npm/modified_id.csv': '2024-01-03T00:00:00Z,A-1\n' }],
  [
    'too much changed',
    { 'npm/modified_id.csv': '2024-01-03T00:00:00Z,A-1\n'.repeat(feedLimits.changedRecords + 1), 'npm/A-1.json': '{}' },
  ],
];

for (const [what, documents] of wholes) {
  test(`fetchOsv() takes the whole zip when ${what}`, async () => {
    const fetched = await ask(bucketOf({ 'npm/all.zip': zipOf('A-9'), ...documents }), since);
    assert.ok(fetched !== 'unchanged');
    assert.equal(fetched.mode, 'whole');
    assert.deepEqual(
      (await documentsOf(fetched)).map(({ name }) => name),
      ['A-9.json'],
    );
  });
}

test('fetchOsv() says that a zip is not there', async () => {
  await assert.rejects(ask(bucketOf({})), { code: 'FEED_MISSING', message: /bucket\.example\/npm\/all\.zip/ });
});

test('recordsOfArchive() refuses what is not whole, or empty', () => {
  const zip = zipOf('A-1', 'A-2');
  const damaged = Buffer.from(zip);
  damaged.writeUInt8(damaged.readUInt8(60) ^ 0xff, 60);
  const cases: readonly (readonly [Buffer, string])[] = [
    [zip.subarray(0, zip.length - 30), 'FEED_MALFORMED'],
    [zip.subarray(0, 20), 'FEED_MALFORMED'],
    [Buffer.alloc(0), 'FEED_MALFORMED'],
    [damaged, 'FEED_MALFORMED'],
    [buildZip([]), 'FEED_EMPTY'],
    [buildZip([{ name: 'readme.txt', content: 'x' }]), 'FEED_EMPTY'],
  ];
  for (const [bytes, code] of cases) {
    assert.throws(() => [...recordsOfArchive('all.zip', bytes)], { name: 'AdvisoryError', code });
  }
});

test('recordsOfArchive() tells an overlong record and goes on', () => {
  const zip = buildZip([
    { name: 'A-1.json', content: '{}', size: feedLimits.recordBytes + 1 },
    { name: 'A-2.json', content: '{}' },
  ]);
  const found = [...recordsOfArchive('all.zip', zip)].map(({ name, overlong }) => [name, overlong]);
  assert.deepEqual(found, [
    ['A-1.json', true],
    ['A-2.json', undefined],
  ]);
});

test('recordsOfArchive() ends in a coded error for any damage', () => {
  const zip = zipOf('A-1', 'A-2', 'A-3');
  const change = fc.record({ at: fc.nat(zip.length - 1), to: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), fc.nat(zip.length), (changes, length) => {
      const bytes = Buffer.from(zip);
      for (const { at, to } of changes) bytes.writeUInt8(to, at);
      try {
        for (const { name } of recordsOfArchive('all.zip', bytes.subarray(0, length)))
          assert.ok(name.endsWith('.json'));
      } catch (error) {
        assert.ok(error instanceof AdvisoryError);
      }
    }),
  );
});

test('createOsvFeeds() reads a folder in the layout of the bucket', async () => {
  using folder = temporaryFolder();
  for (const name of ['npm', 'Unknown', 'empty']) mkdirSync(join(folder.path, name));
  writeFileSync(join(folder.path, 'npm', 'all.zip'), zipOf('A-1', 'A-2'));
  writeFileSync(join(folder.path, 'Unknown', 'all.zip'), zipOf('A-1'));
  const feeds = await createOsvFeeds(parseFeedLocation(folder.path));
  assert.deepEqual(
    feeds.map(({ id }) => id),
    ['osv:npm'],
  );
  const [feed] = feeds;
  assert.ok(feed !== undefined);
  const context = { fetchBytes: bucketOf({}).fetchBytes, progress: silentProgress };
  const fetched = await feed.fetch(context);
  assert.ok(fetched !== 'unchanged');
  const tally = startTally();
  const ids: string[] = [];
  for await (const { id } of readFeed(feed, fetched, tally)) ids.push(id);
  assert.deepEqual(ids, ['A-1', 'A-2']);
  assert.deepEqual([tally.records, tally.newest], [2, '2024-01-01T00:00:00Z']);
  assert.equal(await feed.fetch(context, fetched.fingerprint(tally.newest)), 'unchanged');
});

test('createOsvFeeds() says that a folder is not there', async () => {
  await assert.rejects(createOsvFeeds({ kind: 'folder', path: '/nowhere/at/all' }), { code: 'FEED_UNAVAILABLE' });
});
