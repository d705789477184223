import type { FakeType } from './resource-types.ts';
import { apiVersionOf } from '../../src/kubernetes/model.ts';
import type { Json } from './status.ts';

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const reviewVerbs = ['create'];
const subVerbs = ['get', 'patch', 'update'];

/** Versions of groups that are told to be there and do not answer: `metrics.k8s.io/v1beta1`. */
export type StaleGroups = ReadonlySet<string>;

/** All there is, in one document (apidiscovery.k8s.io/v2). */
export function aggregated(types: readonly FakeType[], core: boolean, stale: StaleGroups): Json {
  const groups = [...new Set(types.map(({ group }) => group).filter((group) => (group === '') === core))];
  const items = groups.map((group) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: [...new Set(types.filter((one) => one.group === group).map(({ version }) => version))].map((version) => ({
      version,
      resources: types.filter((one) => one.group === group && one.version === version).map(aggregatedResource),
      freshness: 'Current',
    })),
  }));
  const staleItems = [...(core ? [] : stale)].map((groupVersion) => {
    const [name, version] = groupVersion.split('/');
    return { metadata: { name }, versions: [{ version, freshness: 'Stale' }] };
  });
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...items, ...staleItems],
  };
}

function aggregatedResource({ group, version, resource, kind, namespaced, ...rest }: FakeType): Json {
  const { subresources = [], shortNames = [], isReview = false } = rest;
  const responseKind = { group, version, kind };
  return {
    resource,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.toLowerCase(),
    verbs: isReview ? reviewVerbs : verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(subresources.length === 0
      ? {}
      : { subresources: subresources.map((subresource) => ({ subresource, responseKind, verbs: subVerbs })) }),
  };
}

/** APIVersions, APIGroupList and APIResourceList: what servers had before. Undefined for another path. */
export function legacy(path: string, types: readonly FakeType[], stale: StaleGroups): Json | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis') {
    const all = new Set([...types.filter(({ group }) => group !== '').map(apiVersionOf), ...stale]);
    const names = [...new Set([...all].map((groupVersion) => groupVersion.split('/')[0] as string))];
    const groups = names.map((name) => {
      const versions = [...all]
        .filter((groupVersion) => groupVersion.startsWith(`${name}/`))
        .map((groupVersion) => ({ groupVersion, version: groupVersion.split('/')[1] }));
      return { name, versions, preferredVersion: versions[0] };
    });
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }
  const groupVersion = path.replace(/^\/apis?\//, '');
  const found = types.filter((type) => apiVersionOf(type) === groupVersion);
  if (found.length === 0) return undefined;
  const resources = found.flatMap(({ resource, kind, namespaced, subresources = [], shortNames = [], isReview }) => [
    {
      name: resource,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: isReview === true ? reviewVerbs : verbs,
      shortNames,
    },
    ...subresources.map((sub) => ({ name: `${resource}/${sub}`, singularName: '', namespaced, kind, verbs: subVerbs })),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}
