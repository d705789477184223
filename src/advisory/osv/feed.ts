import type { Advisory } from '../../finding/advisory.ts';
import type { Feed } from '../feed.ts';
import { listFoldersWith, type FeedLocation } from '../feed-location.ts';
import { loadCvssRater } from '../rate-cvss.ts';
import { osvEcosystems } from './ecosystem.ts';
import { fetchOsv, osvHome } from './fetch.ts';
import { parseOsv } from './parse.ts';

/**
 * One feed per ecosystem, so that each is fetched, and its part of the database built, on its own.
 *
 * @param location the bucket, or a folder in its layout, of which only the ecosystems that it holds become feeds
 * @throws AdvisoryError FEED_UNAVAILABLE when the folder cannot be listed
 */
export async function createOsvFeeds(
  location: FeedLocation = { kind: 'url', url: osvHome },
): Promise<readonly Feed<Advisory>[]> {
  const rate = await loadCvssRater();
  const there = location.kind === 'url' ? osvEcosystems : await listFoldersWith(location.path, 'all.zip');
  return there
    .filter((ecosystem) => osvEcosystems.includes(ecosystem))
    .map((ecosystem) => ({
      id: `osv:${ecosystem}`,
      fetch: (context, fingerprint) => fetchOsv(location, ecosystem, context, fingerprint),
      parse: (document) => parseOsv(document, ecosystem, rate),
    }));
}
