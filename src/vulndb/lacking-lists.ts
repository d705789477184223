import type { FlawList } from '../finding/vulnerability.ts';
import type { Manifest, ShardKind } from './manifest.ts';

const shardOf: Readonly<Record<FlawList, ShardKind>> = { exploited: 'exploited', epss: 'scores' };

/**
 * What a database was built without, since its feed could not be had, or is not where it was built from. Of a flaw without a mark nobody
 * knows then whether it is on that list. A list that is empty is there.
 */
export function lackingLists({ shards }: Pick<Manifest, 'shards'>): readonly FlawList[] {
  const there = new Set(shards.map(({ kind }) => kind));
  return (['exploited', 'epss'] as const).filter((list) => !there.has(shardOf[list]));
}
