import type { FeedContext, FetchedFeed } from '../feed.ts';
import { openFeedLocation, type FeedLocation } from '../feed-location.ts';
import { fetchDocument } from '../fetch-document.ts';
import { feedLimits } from '../limits.ts';

/** Where CISA publishes its catalogue. */
export const kevHome = 'https://www.cisa.gov/sites/default/files/feeds';

const fileName = 'known_exploited_vulnerabilities.json';

/**
 * Gets the catalogue, from a folder that holds a copy or from CISA.
 *
 * @throws AdvisoryError FEED_MISSING when it is not there
 */
export function fetchKev(
  location: FeedLocation,
  context: FeedContext,
  fingerprint?: string,
): Promise<FetchedFeed | 'unchanged'> {
  const reader = openFeedLocation(location, context.fetchBytes, context.signal);
  return fetchDocument(reader, [[fileName], ['kev', fileName]], feedLimits.catalogueBytes, fingerprint);
}
