import type { KubernetesObject } from '../../src/kubernetes/model.ts';
import type { FakeType } from './resource-types.ts';
import type { Json } from './status.ts';

/** The types that a CustomResourceDefinition defines (Kubernetes API, apiextensions.k8s.io/v1). */
export function definedTypes(definition: KubernetesObject): FakeType[] {
  const {
    group,
    names,
    scope,
    versions = [],
  } = definition['spec'] as {
    readonly group: string;
    readonly names: Json;
    readonly scope: string;
    readonly versions?: readonly Json[];
  };
  return versions
    .filter((version) => version['served'] === true)
    .map((version) => ({
      group,
      version: String(version['name']),
      resource: String(names['plural']),
      kind: String(names['kind']),
      namespaced: scope === 'Namespaced',
      shortNames: (names['shortNames'] ?? []) as readonly string[],
      subresources: Object.keys((version['subresources'] ?? {}) as Json),
    }));
}
