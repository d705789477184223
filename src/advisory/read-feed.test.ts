import assert from 'node:assert/strict';
import test from 'node:test';
import type { Feed, FetchedFeed } from './feed.ts';
import { readFeed, startTally } from './read-feed.ts';
import { isLater } from './time.ts';

interface Item {
  readonly modified?: string;
}

const feed: Feed<Item> = {
  id: 'test',
  fetch: async () => 'unchanged',
  parse: ({ name }) =>
    name === 'bad'
      ? { items: [], dropped: [{ subject: name, reason: 'MALFORMED' }] }
      : { items: [{ modified: name }], dropped: [] },
};

function fetched(mode: FetchedFeed['mode'], ...names: readonly string[]): FetchedFeed {
  return { mode, documents: names.map((name) => ({ name })), fingerprint: () => '' };
}

test('readFeed() counts what it reads and what is dropped', async () => {
  const tally = startTally();
  const names = ['2024-01-01T00:00:00Z', 'bad', '2024-01-01T00:00:00.5Z', ...Array.from({ length: 9 }, () => 'bad')];
  const items: Item[] = [];
  for await (const item of readFeed(feed, fetched('whole', ...names), tally)) items.push(item);
  assert.equal(items.length, 2);
  assert.deepEqual([tally.records, tally.newest], [2, '2024-01-01T00:00:00.5Z']);
  assert.deepEqual([...tally.dropped], [['MALFORMED', 10]]);
  assert.equal(tally.examples.get('MALFORMED')?.length, 5);
});

test('readFeed() refuses a whole feed without a usable record, but not changes without one', async () => {
  const read = async (from: FetchedFeed): Promise<void> => {
    for await (const item of readFeed(feed, from, startTally())) assert.ok(item);
  };
  await assert.rejects(read(fetched('whole')), { code: 'FEED_EMPTY' });
  await assert.rejects(read(fetched('whole', 'bad')), { code: 'FEED_EMPTY' });
  await read(fetched('changes', 'bad'));
});

test('isLater() compares times with any number of decimals', () => {
  const times = ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.1Z', '2024-01-01T00:00:00.15Z', '2024-01-01T00:00:01Z'];
  for (const [i, a] of times.entries()) for (const [j, b] of times.entries()) assert.equal(isLater(a, b), i > j);
});
