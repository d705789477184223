import type { ClusterInventory } from '../../cluster/model.ts';

/** What most nodes of a cluster are: `linux/amd64`; undefined where none tells. */
export function usualPlatform({ nodes }: Pick<ClusterInventory, 'nodes'>): string | undefined {
  const counts = new Map<string, number>();
  for (const { os, architecture } of nodes) {
    const platform = `${os}/${architecture}`;
    if (os !== '' && architecture !== '') counts.set(platform, (counts.get(platform) ?? 0) + 1);
  }
  return [...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))[0]?.[0];
}
