import type { Progress } from '../base/progress.ts';
import { createEpssFeed } from '../advisory/epss/feed.ts';
import { AdvisoryError } from '../advisory/error.ts';
import type { Feed } from '../advisory/feed.ts';
import { parseFeedLocation, type FeedLocation } from '../advisory/feed-location.ts';
import type { FetchBytes } from '../advisory/fetch-bytes.ts';
import { createKevFeed } from '../advisory/kev/feed.ts';
import { createOsvFeeds } from '../advisory/osv/feed.ts';
import { osvHome } from '../advisory/osv/fetch.ts';
import { readFeed, startTally } from '../advisory/read-feed.ts';
import type { Problem } from '../base/problem.ts';
import { isSeaworthyError } from '../base/error.ts';
import { buildDatabase } from '../vulndb/build.ts';
import type { FeedOutcome, FeedUpdate, KeptFeed } from '../vulndb/feed-update.ts';
import type { Manifest } from '../vulndb/manifest.ts';
import { readManifestIfUsable } from '../vulndb/read-manifest.ts';
import { damagedShards } from '../vulndb/status.ts';

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
  /** Feeds that could not be had, and why; records that are not used, counted. */
  readonly problems: readonly Problem[];
}

/**
 * Brings the database to the state of its feeds: OSV's ecosystems, CISA's catalogue and EPSS.
 *
 * What is gone or damaged of the old state is read anew. Feeds that the source does not list are left out, and those that were there before are problems. KEV and EPSS lie beside the ecosystems of a folder or mirror, or come
 * from their own homes; one of them that cannot be had is a problem, and what was known of it stays, as old as it is.
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
  const damaged = old === undefined ? [] : await damagedShards(directory, old, context.signal);
  const fetching: Fetching = { context, old, damaged: new Set(damaged.map(({ feed }) => feed)), problems };
  async function* updates(): AsyncGenerator<FeedUpdate> {
    let ecosystems = 0;
    for (const feed of await createOsvFeeds(location)) {
      const update = await fetchOptional(feed, fetching, ['FEED_MISSING']);
      if (update === undefined) continue;
      ecosystems += 1;
      yield 'kind' in update
        ? update
        : { ...update.common, kind: 'advisories', mode: update.mode, items: update.items };
    }
    // An empty database would answer every question with "nothing known".
    if (ecosystems === 0) {
      const message = `${from} holds no advisories; name a folder or URL with <ecosystem>/all.zip in it`;
      throw new AdvisoryError('FEED_EMPTY', message);
    }
    const kev = await fetchCatalogue(createKevFeed, location, fetching);
    if (kev !== undefined) yield 'kind' in kev ? kev : { ...kev.common, kind: 'exploited', items: kev.items };
    const epss = await fetchCatalogue(createEpssFeed, location, fetching);
    if (epss !== undefined) yield 'kind' in epss ? epss : { ...epss.common, kind: 'scores', items: epss.items };
  }
  const manifest = await buildDatabase(directory, updates(), context);
  const held = new Set(manifest.feeds.map(({ id }) => id));
  for (const { id } of old?.feeds ?? []) {
    if (held.has(id)) continue;
    const message = `${from} does not hold ${id}, or it could not be had and what was known of it is damaged; it is in the database no more`;
    problems.push({ code: 'FEED_MISSING', subject: id, message });
  }
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
  /** Feeds of which something is gone or damaged: they are read anew, whether or not they changed. */
  readonly damaged: ReadonlySet<string>;
  readonly problems: Problem[];
}

interface Fetched<Item> {
  readonly common: { readonly id: string; readonly outcome: () => FeedOutcome };
  readonly mode: 'whole' | 'changes';
  readonly items: AsyncIterable<Item>;
}

/** Undefined when the feed is as it was. */
async function fetchFeed<Item extends object>(
  feed: Feed<Item>,
  { context, old, damaged }: Fetching,
): Promise<Fetched<Item> | undefined> {
  const task = context.progress.start(`Fetching ${feed.id}`);
  try {
    const known = damaged.has(feed.id) ? undefined : old?.feeds.find(({ id }) => id === feed.id);
    const fetched = await feed.fetch(context, known?.fingerprint);
    if (fetched === 'unchanged') return undefined;
    const tally = startTally();
    const outcome = (): FeedOutcome => ({ fingerprint: fetched.fingerprint(tally.newest), dropped: tally.dropped });
    return { common: { id: feed.id, outcome }, mode: fetched.mode, items: readFeed(feed, fetched, tally) };
  } finally {
    task.finish();
  }
}

/** A catalogue may lie beside the ecosystems of a folder or mirror; else, and never for a folder, it comes from its home. */
async function fetchCatalogue<Item extends object>(
  create: (location?: FeedLocation) => Feed<Item>,
  location: FeedLocation,
  fetching: Fetching,
): Promise<Fetched<Item> | KeptFeed | undefined> {
  const quiet: Fetching = { ...fetching, problems: [] };
  const beside = location.kind === 'url' && location.url === osvHome ? undefined : create(location);
  const found = beside === undefined ? undefined : await fetchOptional(beside, quiet, ['FEED_MISSING']);
  // A problem means that the mirror no longer has what it had.
  if (location.kind === 'folder') fetching.problems.push(...quiet.problems);
  if (location.kind === 'folder' || (found !== undefined && quiet.problems.length === 0)) return found;
  return fetchOptional(create(), fetching, 'any');
}

/**
 * A feed without which the database is still of use. One that cannot be had is a problem, and its old state stays; undefined
 * when it has none.
 *
 * @param tolerated codes that do not end the build
 */
async function fetchOptional<Item extends object>(
  feed: Feed<Item>,
  fetching: Fetching,
  tolerated: readonly string[] | 'any',
): Promise<Fetched<Item> | KeptFeed | undefined> {
  const { context, old, damaged, problems } = fetching;
  const { id } = feed;
  try {
    return (await fetchFeed(feed, fetching)) ?? { id, kind: 'unchanged' };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isSeaworthyError(error) || (tolerated !== 'any' && !tolerated.includes(error.code))) throw error;
    const known = !damaged.has(id) && old?.feeds.some((state) => state.id === id) === true;
    // A source need not have every feed; that one went away, or an optional one is out of reach, is worth a word.
    if (known || tolerated === 'any') problems.push({ code: error.code, subject: id, message: error.message });
    return known ? { id, kind: 'unavailable' } : undefined;
  }
}
