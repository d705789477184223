import type { FlawList } from '../finding/vulnerability.ts';
import { maxListAge } from './limits.ts';
import type { Manifest, ShardKind } from './manifest.ts';

const shardOf: Readonly<Record<FlawList, ShardKind>> = { exploited: 'exploited', epss: 'scores' };

/**
 * What a database was built without, since its feed is not where it was built from, or could not be had for so long that what is kept of it
 * tells of another time. Of a flaw without a mark nobody knows then whether it is on that list. A list that is empty is there.
 */
export function lackingLists({
  builtAt,
  feeds,
  shards,
}: Pick<Manifest, 'builtAt' | 'feeds' | 'shards'>): readonly FlawList[] {
  const old = new Set(
    feeds
      .filter(({ lastHadAt }) => lastHadAt !== undefined && Date.parse(builtAt) - Date.parse(lastHadAt) > maxListAge)
      .map(({ id }) => id),
  );
  const there = new Set(shards.filter(({ feed }) => !old.has(feed)).map(({ kind }) => kind));
  return (['exploited', 'epss'] as const).filter((list) => !there.has(shardOf[list]));
}
