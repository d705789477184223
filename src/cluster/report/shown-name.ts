import { clusterLimits as limits } from '../limits.ts';

/** The name of an image as tables have it: a cluster takes names that are as long as an object may be, and one that no registry knows is cut. */
export function shownName(name: string): string {
  return name.length <= limits.shownName ? name : `${name.slice(0, limits.shownName)}…`;
}
