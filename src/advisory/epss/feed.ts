import type { Feed } from '../feed.ts';
import type { FeedLocation } from '../feed-location.ts';
import { epssHome, fetchEpss } from './fetch.ts';
import { parseEpss, type EpssItem } from './parse.ts';

/** FIRST's Exploit Prediction Scoring System: one score per CVE, new every day. */
export function createEpssFeed(location: FeedLocation = { kind: 'url', url: epssHome }): Feed<EpssItem> {
  return {
    id: 'epss',
    fetch: (context, fingerprint) => fetchEpss(location, context, fingerprint),
    parse: parseEpss,
  };
}
