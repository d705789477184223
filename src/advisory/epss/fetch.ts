import type { FeedContext, FetchedFeed } from '../feed.ts';
import { openFeedLocation, type FeedLocation } from '../feed-location.ts';
import { fetchDocument } from '../fetch-document.ts';
import { feedLimits } from '../limits.ts';

/** Where the scores are published. */
export const epssHome = 'https://epss.empiricalsecurity.com';

const names = ['epss_scores-current.csv.gz', 'epss_scores-current.csv'];

/**
 * Gets the scores, from a folder that holds a copy or from their home.
 *
 * @throws AdvisoryError FEED_MISSING when they are not there
 */
export function fetchEpss(
  location: FeedLocation,
  context: FeedContext,
  fingerprint?: string,
): Promise<FetchedFeed | 'unchanged'> {
  const reader = openFeedLocation(location, context.fetchBytes, context.signal);
  const paths = names.flatMap((name) => [[name], ['epss', name]]);
  return fetchDocument(reader, paths, feedLimits.scoreBytes, fingerprint);
}
