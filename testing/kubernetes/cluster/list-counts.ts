import type { AskedCall } from '../faults.ts';

/** How often each kind was listed from its beginning, by its resource. */
export function listCounts(calls: readonly AskedCall[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { verb, resource, query } of calls) {
    if (verb === 'list' && query['continue'] === undefined) counts[resource] = (counts[resource] ?? 0) + 1;
  }
  return counts;
}
