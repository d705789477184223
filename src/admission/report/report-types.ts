import type { Discovery } from '../../kubernetes/discovery/model.ts';
import { apiVersionOf, type ResourceType } from '../../kubernetes/model.ts';

/** The kinds of reports that a cluster has. */
export interface ReportTypes {
  /** For objects of a namespace. */
  readonly namespaced: ResourceType;
  /** For objects of none. */
  readonly cluster: ResourceType;
}

function typesOf(group: string, version: string, namespaced: string, cluster: string): ReportTypes {
  const typeOf = (kind: string, isNamespaced: boolean): ResourceType => ({
    group,
    version,
    resource: `${kind.toLowerCase()}s`,
    kind,
    namespaced: isNamespaced,
  });
  return { namespaced: typeOf(namespaced, true), cluster: typeOf(cluster, false) };
}

/** What is looked for, in this order: the kind that more tools read comes first. */
export const reportTypes: readonly ReportTypes[] = [
  typesOf('wgpolicyk8s.io', 'v1alpha2', 'PolicyReport', 'ClusterPolicyReport'),
  typesOf('openreports.io', 'v1alpha1', 'Report', 'ClusterReport'),
];

/** The kinds of reports that a cluster has; `unknown` where it did not tell, and undefined where it has none. */
export function findReportTypes({ resources, failures }: Discovery): ReportTypes | 'unknown' | undefined {
  for (const types of reportTypes) {
    const has = (type: ResourceType): boolean =>
      resources.some(
        ({ group, version, resource }) =>
          group === type.group && version === type.version && resource === type.resource,
      );
    if (has(types.namespaced) && has(types.cluster)) return types;
    if (failures.some(({ groupVersion }) => groupVersion === apiVersionOf(types.namespaced))) return 'unknown';
  }
  return undefined;
}
