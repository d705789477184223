import { asList, asText, isObject, type JsonObject } from '../json.ts';
import { kubernetesLimits as limits } from '../limits.ts';
import type { DiscoveredResource } from './model.ts';
import { texts } from './texts.ts';

/** Reads an APIResourceList (Kubernetes API, meta/v1), in which subresources stand beside what they belong to. */
export function readResourceList(
  document: JsonObject,
  place: Pick<DiscoveredResource, 'group' | 'version' | 'preferred'>,
): DiscoveredResource[] {
  const subresources = new Map<string, string[]>();
  const resources: Omit<DiscoveredResource, 'subresources'>[] = [];
  for (const entry of asList(document['resources'], 'resources', limits.resources)) {
    if (!isObject(entry)) continue;
    const name = asText(entry['name']);
    const kind = asText(entry['kind']);
    if (name === undefined || kind === undefined) continue;
    const slash = name.indexOf('/');
    if (slash >= 0) {
      const parent = name.slice(0, slash);
      subresources.set(parent, [...(subresources.get(parent) ?? []), name.slice(slash + 1)]);
      continue;
    }
    resources.push({
      ...place,
      resource: name,
      kind,
      namespaced: entry['namespaced'] === true,
      verbs: texts(entry['verbs']),
      singular: asText(entry['singularName']) ?? '',
      shortNames: texts(entry['shortNames']),
      categories: texts(entry['categories']),
    });
  }
  return resources.map((resource) => ({ ...resource, subresources: subresources.get(resource.resource) ?? [] }));
}
