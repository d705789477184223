import type { Feed } from '../feed.ts';
import type { FeedLocation } from '../feed-location.ts';
import { fetchKev, kevHome } from './fetch.ts';
import { parseKev, type KevItem } from './parse.ts';

/** CISA's Known Exploited Vulnerabilities catalogue (public domain). */
export function createKevFeed(location: FeedLocation = { kind: 'url', url: kevHome }): Feed<KevItem> {
  return {
    id: 'kev',
    fetch: (context, fingerprint) => fetchKev(location, context, fingerprint),
    parse: parseKev,
  };
}
