import { type RbacRule, rulesOf } from '../kubernetes/rbac-rule.ts';
import type { ListedKind } from './kinds.ts';
import { clusterLimits as limits } from './limits.ts';
import type { Selection } from './selection.ts';

/** An object that grants something (rbac.authorization.k8s.io/v1, ClusterRole and Role). */
export interface RoleObject {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1';
  readonly kind: 'ClusterRole' | 'Role';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly RbacRule[];
}

/** What roles are called where nothing else is said. */
const scanRoleName = 'seaworthy-cluster-scan';

/**
 * The least that a selection is listed with: one ClusterRole, or, for few namespaces that are named, a Role in each of them and a
 * ClusterRole for what is in no namespace.
 */
export function scanRoles(selection: Selection, name: string = scanRoleName): readonly RoleObject[] {
  const { kinds, named } = selection;
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const cluster = (of: readonly ListedKind[]): readonly RoleObject[] =>
    of.length === 0 ? [] : [{ apiVersion, kind: 'ClusterRole', metadata: { name }, rules: rulesOf(of, ['list']) }];
  if (named === undefined || named.length > limits.namespaceLists) return cluster(kinds);
  const rules = rulesOf(
    kinds.filter(({ namespaced }) => namespaced),
    ['list'],
  );
  return [
    ...cluster(kinds.filter(({ namespaced }) => !namespaced)),
    ...(rules.length === 0
      ? []
      : named.map((namespace) => ({ apiVersion, kind: 'Role', metadata: { name, namespace }, rules }) as const)),
  ];
}
