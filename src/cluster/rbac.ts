import { type RbacRule, rulesOf } from '../kubernetes/rbac-rule.ts';
import { isOfWorkloads, type ListedKind } from './kinds.ts';
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

/** What roles are for, and what they are called. */
export interface RoleOptions {
  readonly name?: string;
  /** Images are read with the pull secrets of their workloads. */
  readonly readsSecrets?: boolean;
  /** What runs is held against policies. */
  readonly judgesPolicies?: boolean;
}

/** By labels of namespaces policies select, and by service accounts it is known how images are pulled. */
const ofPolicies = {
  cluster: { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'watch'] },
  namespaced: { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get'] },
} satisfies Record<string, RbacRule>;

const secrets: RbacRule = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };

/**
 * The least that a selection is listed with: one ClusterRole, or, for few namespaces that are named, a Role in each of them and a
 * ClusterRole for what is in no namespace.
 */
export function scanRoles(
  selection: Selection,
  { name = scanRoleName, readsSecrets = false, judgesPolicies = false }: RoleOptions = {},
): readonly RoleObject[] {
  const { kinds, named } = selection;
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const runs = kinds.some(isOfWorkloads);
  const judging = judgesPolicies && runs;
  const reading = [...(judging ? [ofPolicies.namespaced] : []), ...(readsSecrets && runs ? [secrets] : [])];
  const everywhere = judging ? [ofPolicies.cluster] : [];
  const cluster = (of: readonly ListedKind[], more: readonly RbacRule[] = []): readonly RoleObject[] => {
    const rules = [...rulesOf(of, ['list']), ...more];
    return of.length === 0 ? [] : [{ apiVersion, kind: 'ClusterRole', metadata: { name }, rules }];
  };
  if (named === undefined || named.length > limits.namespaceLists) return cluster(kinds, [...everywhere, ...reading]);
  const lists = rulesOf(
    kinds.filter(({ namespaced }) => namespaced),
    ['list'],
  );
  const rules = lists.length === 0 ? [] : [...lists, ...reading];
  return [
    ...cluster(
      kinds.filter(({ namespaced }) => !namespaced),
      everywhere,
    ),
    ...(rules.length === 0
      ? []
      : named.map((namespace) => ({ apiVersion, kind: 'Role', metadata: { name, namespace }, rules }) as const)),
  ];
}
