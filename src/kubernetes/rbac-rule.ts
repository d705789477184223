import type { ResourceType } from './model.ts';

/** Something that may be done (rbac.authorization.k8s.io/v1, PolicyRule). */
export interface RbacRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** One rule for each group, with each of its kinds once. */
export function rulesOf(
  types: readonly Pick<ResourceType, 'group' | 'resource'>[],
  verbs: readonly string[],
): readonly RbacRule[] {
  return [...Map.groupBy(types, ({ group }) => group)].map(([group, own]) => ({
    apiGroups: [group],
    resources: [...new Set(own.map(({ resource }) => resource))],
    verbs,
  }));
}
