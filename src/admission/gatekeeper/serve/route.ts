import type { ProviderQuestion } from '../answer.ts';

/**
 * What the paths of a provider ask: our own, and those of both versions of Ratify, so that a Provider object of it is changed by its host
 * alone. Values have the members of all of them.
 */
const routes: ReadonlyMap<string, ProviderQuestion> = new Map([
  ['/gatekeeper/verify', 'verify'],
  ['/gatekeeper/mutate', 'mutate'],
  ['/gatekeeper/scan', 'scan'],
  ['/ratify/gatekeeper/v1/verify', 'verify'],
  ['/ratify/gatekeeper/v1/mutate', 'mutate'],
  ['/ratify/gatekeeper/v2/verify', 'verify'],
  ['/ratify/gatekeeper/v2/mutate', 'mutate'],
]);

/** What a path without its query asks; undefined where there is no such path. */
export function findProviderRoute(path: string): ProviderQuestion | undefined {
  return routes.get(path);
}
