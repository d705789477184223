import { mapBounded } from '../../base/concurrency.ts';
import { isKubernetesError } from '../error.ts';
import { asList, asObject, asText, isObject, type JsonObject, parseJson } from '../json.ts';
import { kubernetesLimits as limits } from '../limits.ts';
import { apiVersionOf } from '../model.ts';
import type { Transport } from '../transport.ts';
import type { Discovery } from './model.ts';
import { acceptAggregated, isAggregated, readAggregated } from './read-aggregated.ts';
import { readResourceList } from './read-resource-list.ts';

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly preferred: boolean;
}

/** See `KubernetesClient.discover`. In two requests, or in one for each version of each group of older servers. */
export async function discover(transport: Transport, signal?: AbortSignal): Promise<Discovery> {
  const core = await ask(transport, '/api', signal);
  const others = await ask(transport, '/apis', signal);
  const parts = [
    isAggregated(core) ? readAggregated(core) : await askEach(transport, coreVersions(core), signal),
    isAggregated(others) ? readAggregated(others) : await askEach(transport, groupVersions(others), signal),
  ];
  return {
    resources: parts.flatMap(({ resources }) => resources),
    failures: parts.flatMap(({ failures }) => failures),
  };
}

async function ask(transport: Transport, path: string, signal: AbortSignal | undefined): Promise<JsonObject> {
  const what = `say what it has (${path})`;
  const accept = acceptAggregated;
  return asObject(parseJson(await transport.read({ what, method: 'GET', path, accept, signal })), 'the answer');
}

/** APIVersions (Kubernetes API, meta/v1): the first is preferred. */
function coreVersions(document: JsonObject): GroupVersion[] {
  const versions = asList(document['versions'], 'versions', limits.groups);
  return versions.flatMap((version, index) =>
    typeof version === 'string' ? [{ group: '', version, preferred: index === 0 }] : [],
  );
}

/** APIGroupList (Kubernetes API, meta/v1). */
function groupVersions(document: JsonObject): GroupVersion[] {
  return asList(document['groups'], 'groups', limits.groups).flatMap((entry) => {
    const group = isObject(entry) ? asText(entry['name']) : undefined;
    if (!isObject(entry) || group === undefined) return [];
    const preferred = isObject(entry['preferredVersion']) ? asText(entry['preferredVersion']['version']) : undefined;
    return asList(entry['versions'], 'versions', limits.groups).flatMap((item) => {
      const version = isObject(item) ? asText(item['version']) : undefined;
      return version === undefined ? [] : [{ group, version, preferred: version === preferred }];
    });
  });
}

async function askEach(
  transport: Transport,
  all: readonly GroupVersion[],
  signal: AbortSignal | undefined,
): Promise<Discovery> {
  const parts = await mapBounded(
    all.slice(0, limits.groups),
    limits.discoveryWidth,
    async (one): Promise<Discovery> => {
      const groupVersion = apiVersionOf(one);
      const path = one.group === '' ? `/api/${one.version}` : `/apis/${groupVersion}`;
      try {
        return { resources: readResourceList(await ask(transport, path, signal), one), failures: [] };
      } catch (error) {
        if (!isKubernetesError(error)) throw error;
        return { resources: [], failures: [{ groupVersion, error }] };
      }
    },
  );
  return {
    resources: parts.flatMap(({ resources }) => resources),
    failures: parts.flatMap(({ failures }) => failures),
  };
}
