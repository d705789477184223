import type { Progress } from '../base/progress.ts';
import { createEpssFeed } from '../advisory/epss/feed.ts';
import type { Feed } from '../advisory/feed.ts';
import { parseFeedLocation } from '../advisory/feed-location.ts';
import type { FetchBytes } from '../advisory/fetch-bytes.ts';
import { createKevFeed } from '../advisory/kev/feed.ts';
import { createOsvFeeds } from '../advisory/osv/feed.ts';
import { readFeed, startTally } from '../advisory/read-feed.ts';
import type { Problem } from '../base/problem.ts';
import { isSeaworthyError } from '../base/error.ts';
import { buildDatabase } from '../vulndb/build.ts';
import type { FeedOutcome, FeedUpdate } from '../vulndb/feed-update.ts';
import type { Manifest } from '../vulndb/manifest.ts';
import { readManifestIfUsable } from '../vulndb/read-manifest.ts';

/** What building the database needs. */
export interface UpdateContext {
  readonly fetchBytes: FetchBytes;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly clock: () => Date;
}

/** What came of a build. */
export interface UpdateOutcome {
  readonly manifest: Manifest;
  /** Feeds that were left as they were, and why; records that are not used, counted. */
  readonly problems: readonly Problem[];
}

/**
 * Brings the database to the state of its feeds: OSV's ecosystems, CISA's catalogue and EPSS.
 *
 * From a folder, feeds that it does not hold are left out. From URLs, KEV and EPSS come from their own homes; one of
 * them that cannot be had is a problem, and what was known of it stays.
 *
 * @param from a folder or URL in the layout of the OSV bucket
 * @param fresh builds anew, whatever was known before
 * @throws AdvisoryError, VulndbError, NetError
 */
export async function updateDatabase(
  directory: string,
  from: string,
  fresh: boolean,
  context: UpdateContext,
): Promise<UpdateOutcome> {
  const location = parseFeedLocation(from);
  const old = fresh ? undefined : await readManifestIfUsable(directory);
  const problems: Problem[] = [];
  const fetching: Fetching = { context, old, problems, local: location.kind === 'folder' };
  async function* updates(): AsyncGenerator<FeedUpdate> {
    for (const feed of await createOsvFeeds(location)) {
      const fetched = await fetchFeed(feed, fetching);
      yield fetched === undefined
        ? { id: feed.id, kind: 'unchanged' }
        : { ...fetched.common, kind: 'advisories', mode: fetched.mode, items: fetched.items };
    }
    // From a folder, the catalogues lie beside the ecosystems; from the network each has a home of its own.
    const home = fetching.local ? location : undefined;
    const kev = await fetchOptional(createKevFeed(home), fetching);
    if (kev !== undefined) yield 'kind' in kev ? kev : { ...kev.common, kind: 'exploited', items: kev.items };
    const epss = await fetchOptional(createEpssFeed(home), fetching);
    if (epss !== undefined) yield 'kind' in epss ? epss : { ...epss.common, kind: 'scores', items: epss.items };
  }
  const manifest = await buildDatabase(directory, updates(), context);
  for (const { id, dropped } of manifest.feeds) {
    for (const [reason, count] of Object.entries(dropped)) {
      problems.push({ code: reason, subject: id, message: `${count} records of the feed are not used (${reason})` });
    }
  }
  return { manifest, problems };
}

interface Fetching {
  readonly context: UpdateContext;
  readonly old: Manifest | undefined;
  readonly problems: Problem[];
  /** The feeds lie in a folder, where those that are not there were not wanted. */
  readonly local: boolean;
}

interface Fetched<Item> {
  readonly common: { readonly id: string; readonly outcome: () => FeedOutcome };
  readonly mode: 'whole' | 'changes';
  readonly items: AsyncIterable<Item>;
}

/** Undefined when the feed is as it was. */
async function fetchFeed<Item extends object>(
  feed: Feed<Item>,
  { context, old }: Fetching,
): Promise<Fetched<Item> | undefined> {
  const task = context.progress.start(`Fetching ${feed.id}`);
  try {
    const fingerprint = old?.feeds.find(({ id }) => id === feed.id)?.fingerprint;
    const fetched = await feed.fetch(context, fingerprint);
    if (fetched === 'unchanged') return undefined;
    const tally = startTally();
    const outcome = (): FeedOutcome => ({ fingerprint: fetched.fingerprint(tally.newest), dropped: tally.dropped });
    return { common: { id: feed.id, outcome }, mode: fetched.mode, items: readFeed(feed, fetched, tally) };
  } finally {
    task.finish();
  }
}

/** A feed without which the database is still of use: one that cannot be had is a problem, and its old state stays. */
async function fetchOptional<Item extends object>(
  feed: Feed<Item>,
  fetching: Fetching,
): Promise<Fetched<Item> | Extract<FeedUpdate, { kind: 'unchanged' }> | undefined> {
  const { context, old, problems, local } = fetching;
  const kept = { id: feed.id, kind: 'unchanged' } as const;
  try {
    return (await fetchFeed(feed, fetching)) ?? kept;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isSeaworthyError(error)) throw error;
    const unwanted = local && error.code === 'FEED_UNAVAILABLE';
    if (!unwanted) problems.push({ code: error.code, subject: feed.id, message: error.message });
    return old?.feeds.some(({ id }) => id === feed.id) === true ? kept : undefined;
  }
}
