import { mapBounded } from '../../base/concurrency.ts';
import { AdvisoryError } from '../error.ts';
import type { FeedContext, FeedDocument, FetchedFeed } from '../feed.ts';
import { openFeedLocation, type FeedLocation, type FeedReader } from '../feed-location.ts';
import { feedLimits } from '../limits.ts';
import { isLater } from '../time.ts';
import { recordsOfArchive } from './archive.ts';
import { readChangeList } from './change-list.ts';
import { formatFingerprint, parseFingerprint, type OsvFingerprint } from './fingerprint.ts';

/** Google's bucket with every OSV record (https://google.github.io/osv.dev/data/). */
export const osvHome = 'https://osv-vulnerabilities.storage.googleapis.com';

/** Records fetched at a time. */
const width = 8;

/**
 * Gets one ecosystem's records from the bucket or a mirror in its layout: `<ecosystem>/all.zip`; or, when an earlier
 * state is known and few records changed since, `<ecosystem>/modified_id.csv` and each `<ecosystem>/<id>.json`.
 *
 * @throws AdvisoryError FEED_MISSING when the zip is not there, or the network's own errors
 */
export async function fetchOsv(
  location: FeedLocation,
  ecosystem: string,
  context: FeedContext,
  fingerprint?: string,
): Promise<FetchedFeed | 'unchanged'> {
  const reader = openFeedLocation(location, context.fetchBytes, context.signal);
  const known = parseFingerprint(fingerprint);
  const changes = await fetchChanges(reader, ecosystem, known, context);
  return changes ?? fetchWhole(reader, ecosystem, known);
}

async function fetchWhole(
  reader: FeedReader,
  ecosystem: string,
  { etag }: OsvFingerprint,
): Promise<FetchedFeed | 'unchanged'> {
  const path = [ecosystem, 'all.zip'];
  const options = { maxBytes: feedLimits.archiveBytes, ...(etag === undefined ? {} : { etag }) };
  const found = await reader.read(path, options);
  if (found === 'unchanged') return 'unchanged';
  if (found === 'missing') {
    throw new AdvisoryError('FEED_MISSING', `There is no ${reader.describe(path)}; check where the feed comes from`);
  }
  return {
    mode: 'whole',
    documents: recordsOfArchive(reader.describe(path), found.bytes),
    fingerprint: (newest) =>
      formatFingerprint({
        ...(found.etag === undefined ? {} : { etag: found.etag }),
        // The zip may be older than the list of changes, so what it holds itself tells where to go on.
        ...(newest === undefined ? {} : { modified: newest }),
      }),
  };
}

/** @returns undefined when the whole zip is the way to go */
async function fetchChanges(
  reader: FeedReader,
  ecosystem: string,
  known: OsvFingerprint,
  context: FeedContext,
): Promise<FetchedFeed | 'unchanged' | undefined> {
  const { modified } = known;
  if (modified === undefined) return undefined;
  const found = await reader.read([ecosystem, 'modified_id.csv'], { maxBytes: feedLimits.changeListBytes });
  if (found === 'missing' || found === 'unchanged') return undefined;
  const { newest, changed, malformed } = readChangeList(found.bytes, modified);
  if (malformed || changed === undefined || newest === undefined) return undefined;
  if (!isLater(newest, modified)) return 'unchanged';
  const first = await fetchBatch(reader, ecosystem, changed.slice(0, width));
  // A mirror may hold the list and not the records. Taking them for deleted would lose them.
  if (first.every(({ bytes }) => bytes === undefined)) return undefined;
  return {
    mode: 'changes',
    documents: fetchRecords(reader, ecosystem, first, changed, context),
    // The zip that the old etag names no longer tells what is known, so it is forgotten.
    fingerprint: () => formatFingerprint({ modified: newest }),
  };
}

function fetchBatch(reader: FeedReader, ecosystem: string, ids: readonly string[]): Promise<FeedDocument[]> {
  return mapBounded(ids, width, async (id) => {
    const found = await reader.read([ecosystem, `${id}.json`], { maxBytes: feedLimits.recordBytes });
    return found === 'missing' || found === 'unchanged' ? { name: id } : { name: id, bytes: found.bytes };
  });
}

async function* fetchRecords(
  reader: FeedReader,
  ecosystem: string,
  first: readonly FeedDocument[],
  ids: readonly string[],
  { progress }: FeedContext,
): AsyncGenerator<FeedDocument, void, undefined> {
  const task = progress.start(`${ecosystem} advisories`, { total: ids.length, unit: 'items' });
  try {
    yield* first;
    task.advance(first.length);
    for (let at = first.length; at < ids.length; at += width) {
      const batch = await fetchBatch(reader, ecosystem, ids.slice(at, at + width));
      yield* batch;
      task.advance(batch.length);
    }
  } finally {
    task.finish();
  }
}
