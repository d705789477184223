import type { FeedState, Manifest } from './manifest.ts';

/** A feed that could not be had when a database was built, so that what an older one had of it was kept. */
type StaleFeed = FeedState & { readonly lastHadAt: string };

/**
 * When all advisories of a database were known to be what its feeds hold, in milliseconds since 1970: when it was built, or earlier where a
 * feed could not be had then. A build alone makes nothing young that it did not get. Of lists that mark flaws, see {@link lackingLists}.
 */
export function wholeAt(manifest: Manifest): number {
  const builtAt = Date.parse(manifest.builtAt);
  const stalest = stalestFeed(manifest);
  return stalest === undefined ? builtAt : Math.min(builtAt, Date.parse(stalest.lastHadAt));
}

/** Of the feeds of advisories that could not be had, the one that was had the longest ago. */
export function stalestFeed({ feeds, shards }: Manifest): StaleFeed | undefined {
  const lists = new Set(shards.filter(({ kind }) => kind === 'exploited' || kind === 'scores').map(({ feed }) => feed));
  const stale = feeds.filter((feed): feed is StaleFeed => feed.lastHadAt !== undefined && !lists.has(feed.id));
  return stale.sort((a, b) => Date.parse(a.lastHadAt) - Date.parse(b.lastHadAt))[0];
}
