import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../../testing/vulnerability-database.ts';
import { silentProgress } from '../base/progress.ts';
import { createEpssFeed } from './epss/feed.ts';
import { openFeedLocation, parseFeedLocation } from './feed-location.ts';
import type { FetchBytes } from './fetch-bytes.ts';
import { createKevFeed } from './kev/feed.ts';

const nothing: FetchBytes = async () => 'missing';
const context = { fetchBytes: nothing, progress: silentProgress };

test('createKevFeed() and createEpssFeed() read copies in a folder, until they change', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'epss'));
  writeFileSync(join(folder.path, 'known_exploited_vulnerabilities.json'), '{"vulnerabilities":[]}');
  writeFileSync(join(folder.path, 'epss', 'epss_scores-current.csv'), 'x');
  for (const feed of [createKevFeed(parseFeedLocation(folder.path)), createEpssFeed(parseFeedLocation(folder.path))]) {
    const fetched = await feed.fetch(context);
    assert.ok(fetched !== 'unchanged');
    assert.equal(await feed.fetch(context, fetched.fingerprint(undefined)), 'unchanged');
    assert.notEqual(await feed.fetch(context, 'another'), 'unchanged');
  }
});

test('createKevFeed() says where it looked in vain', async () => {
  await assert.rejects(createKevFeed().fetch(context), { code: 'FEED_MISSING', message: /www\.cisa\.gov/ });
  await assert.rejects(createEpssFeed().fetch(context), { code: 'FEED_MISSING' });
});

test('parseFeedLocation() tells URLs from folders', () => {
  assert.deepEqual(parseFeedLocation('https://a.example/b//'), { kind: 'url', url: 'https://a.example/b' });
  assert.deepEqual(parseFeedLocation('data/osv'), { kind: 'folder', path: 'data/osv' });
});

test('openFeedLocation() escapes what it appends to a URL', async () => {
  const asked: string[] = [];
  const reader = openFeedLocation(parseFeedLocation('https://a.example'), async (url) => {
    asked.push(url);
    return 'missing';
  });
  await reader.read(['Rocky Linux', 'RLSA-2023:1?#.json'], { maxBytes: 1 });
  assert.deepEqual(asked, ['https://a.example/Rocky%20Linux/RLSA-2023%3A1%3F%23.json']);
});

test('openFeedLocation() refuses files over the limit and tells those that are not there', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'a'), 'four');
  const reader = openFeedLocation(parseFeedLocation(folder.path), nothing);
  await assert.rejects(reader.read(['a'], { maxBytes: 3 }), { code: 'LIMIT_EXCEEDED' });
  assert.equal(await reader.read(['b'], { maxBytes: 3 }), 'missing');
  assert.equal(await reader.read(['a', 'b'], { maxBytes: 3 }), 'missing');
});
