import { AdvisoryError } from './error.ts';
import type { DropReason, Feed, FetchedFeed } from './feed.ts';
import { isLater } from './time.ts';

/** What reading a feed counted; complete once the items have been taken. */
export interface FeedTally {
  /** Items read. */
  records: number;
  /** How many records are not used, by reason. */
  readonly dropped: Map<DropReason, number>;
  /** The first few subjects by reason, for a message. */
  readonly examples: Map<DropReason, string[]>;
  /** The latest `modified` among the items. */
  newest: string | undefined;
}

const examplesPerReason = 5;

/** An empty tally. */
export function startTally(): FeedTally {
  return { records: 0, dropped: new Map(), examples: new Map(), newest: undefined };
}

/**
 * Parses what a fetch brought, one document at a time, counting into `tally`.
 *
 * @throws AdvisoryError FEED_EMPTY when a whole feed holds not one usable item; the feed's own errors
 */
export async function* readFeed<Item extends object>(
  feed: Feed<Item>,
  fetched: FetchedFeed,
  tally: FeedTally,
): AsyncGenerator<Item, void, undefined> {
  for await (const document of fetched.documents) {
    const { items, dropped } = feed.parse(document);
    for (const { reason, subject } of dropped) {
      tally.dropped.set(reason, (tally.dropped.get(reason) ?? 0) + 1);
      const examples = tally.examples.get(reason);
      if (examples === undefined) tally.examples.set(reason, [subject]);
      else if (examples.length < examplesPerReason) examples.push(subject);
    }
    for (const item of items) {
      tally.records += 1;
      const modified = 'modified' in item && typeof item.modified === 'string' ? item.modified : undefined;
      if (modified !== undefined && (tally.newest === undefined || isLater(modified, tally.newest))) {
        tally.newest = modified;
      }
      yield item;
    }
  }
  if (fetched.mode === 'whole' && tally.records === 0) {
    throw new AdvisoryError('FEED_EMPTY', `The feed ${feed.id} holds no usable record; check where it comes from`);
  }
}
