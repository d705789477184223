import { createHash } from 'node:crypto';
import { AdvisoryError } from './error.ts';
import type { FetchedFeed } from './feed.ts';
import type { FeedReader } from './feed-location.ts';

/**
 * Fetches a feed that is one document.
 *
 * @param paths where it may lie; the first that is there is taken
 * @throws AdvisoryError FEED_MISSING when it is at none of them
 */
export async function fetchDocument(
  reader: FeedReader,
  paths: readonly (readonly string[])[],
  maxBytes: number,
  fingerprint: string | undefined,
): Promise<FetchedFeed | 'unchanged'> {
  for (const path of paths) {
    const found = await reader.read(path, { maxBytes, ...(fingerprint === undefined ? {} : { etag: fingerprint }) });
    if (found === 'missing') continue;
    if (found === 'unchanged') return 'unchanged';
    const { bytes, etag } = found;
    return {
      mode: 'whole',
      documents: [{ name: reader.describe(path), bytes }],
      fingerprint: () => etag ?? createHash('sha256').update(bytes).digest('hex'),
    };
  }
  const wanted = paths.map((path) => reader.describe(path)).join(' or ');
  throw new AdvisoryError('FEED_MISSING', `There is no ${wanted}; check where the feed comes from`);
}
