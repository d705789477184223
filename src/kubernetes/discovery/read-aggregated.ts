import { KubernetesError } from '../error.ts';
import { asList, asText, badAnswer, isObject, type JsonObject } from '../json.ts';
import { kubernetesLimits as limits } from '../limits.ts';
import { apiVersionOf } from '../model.ts';
import type { DiscoveredResource, Discovery, DiscoveryFailure } from './model.ts';
import { texts } from './texts.ts';

/** What to accept for an answer that tells of all groups at once, and the old form where the server has no other (KEP-3352). */
export const acceptAggregated: string = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** Whether an answer is of that form. */
export function isAggregated(document: JsonObject): boolean {
  return document['kind'] === 'APIGroupDiscoveryList';
}

/** Reads an APIGroupDiscoveryList (apidiscovery.k8s.io/v2). @throws KubernetesError ANSWER_INVALID */
export function readAggregated(document: JsonObject): Discovery {
  const resources: DiscoveredResource[] = [];
  const failures: DiscoveryFailure[] = [];
  for (const item of asList(document['items'], 'items', limits.groups)) {
    if (!isObject(item)) throw badAnswer('a group is not an object');
    const metadata = isObject(item['metadata']) ? item['metadata'] : {};
    const group = asText(metadata['name']) ?? '';
    let preferred = true;
    for (const entry of asList(item['versions'], 'versions', limits.groups)) {
      const version = isObject(entry) ? asText(entry['version']) : undefined;
      if (!isObject(entry) || version === undefined) throw badAnswer('a version has no name');
      for (const resource of asList(entry['resources'], 'resources', limits.resources)) {
        const read = readResource(resource, { group, version, preferred });
        if (read !== undefined) resources.push(read);
      }
      if (entry['freshness'] === 'Stale') failures.push(stale(apiVersionOf({ group, version })));
      // In the order in which the server prefers them.
      preferred = false;
    }
  }
  return { resources, failures };
}

function readResource(
  value: unknown,
  place: Pick<DiscoveredResource, 'group' | 'version' | 'preferred'>,
): DiscoveredResource | undefined {
  const entry = isObject(value) ? value : {};
  const resource = asText(entry['resource']);
  const kind = isObject(entry['responseKind']) ? asText(entry['responseKind']['kind']) : undefined;
  // A parent that is there for its subresources alone has no kind (KEP-3352).
  if (resource === undefined || kind === undefined) return undefined;
  const subresources = asList(entry['subresources'], 'subresources', limits.resources);
  return {
    ...place,
    resource,
    kind,
    namespaced: entry['scope'] === 'Namespaced',
    verbs: texts(entry['verbs']),
    subresources: subresources.flatMap((sub) => (isObject(sub) ? (asText(sub['subresource']) ?? []) : [])),
    singular: asText(entry['singularResource']) ?? '',
    shortNames: texts(entry['shortNames']),
    categories: texts(entry['categories']),
  };
}

function stale(groupVersion: string): DiscoveryFailure {
  const sentence = `What serves ${groupVersion} does not answer the cluster; see its APIService`;
  return { groupVersion, error: new KubernetesError('SERVER_FAILED', sentence) };
}
