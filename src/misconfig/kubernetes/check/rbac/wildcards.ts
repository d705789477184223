import type { Check } from '../../../check.ts';
import type { Manifest } from '../../manifest.ts';
import { anyVerb, ofRules, type RoleRule } from '../../rbac-rules.ts';

/** KSV-0044: everything. */
export const everything: Check<Manifest> = ofRules(
  'KSV-0044',
  'CRITICAL',
  {
    name: 'no-wildcard-verb-resource-role',
    title: 'May do everything',
    description: 'A rule of * for groups, resources and verbs is that of cluster-admin.',
    resolution: 'Name the groups, resources and verbs that are needed.',
  },
  ({ groups, resources, verbs }) =>
    (groups === undefined || groups.has('*')) && resources.has('*') && verbs.has('*')
      ? 'A rule allows everything (*) of all resources in all groups'
      : undefined,
);

/** Resources of which nobody should be given verbs that do not exist yet. */
const sensitive = [
  'secrets',
  'pods',
  'deployments',
  'daemonsets',
  'statefulsets',
  'replicationcontrollers',
  'replicasets',
  'cronjobs',
  'jobs',
  'roles',
  'clusterroles',
  'rolebindings',
  'clusterrolebindings',
  'users',
  'groups',
];

/** KSV-0045: everything that can be done, also what comes later. */
export const everyVerb: Check<Manifest> = ofRules(
  'KSV-0045',
  'CRITICAL',
  {
    name: 'no-wildcard-verb-role',
    title: 'May do everything with workloads, secrets or roles',
    description: 'The verb * holds impersonate, escalate and bind too, and what later versions bring.',
    resolution: 'Name the verbs that are needed.',
  },
  ({ resources, verbs }) => {
    const resource = sensitive.find((each) => resources.has(each));
    return verbs.has('*') && resource !== undefined ? `A rule allows everything (*) of ${resource}` : undefined;
  },
);

/** KSV-0046: each resource, in all namespaces. */
export const allClusterResources: Check<Manifest> = ofRules(
  'KSV-0046',
  'CRITICAL',
  {
    name: 'no-wildcard-resource-clusterrole',
    title: 'May use all resources of the cluster',
    description: 'All resources are secrets, Pods and roles too: who has them has the nodes.',
    resolution: 'Name the resources that are needed.',
    kinds: ['ClusterRole'],
  },
  usesAll,
);

/** KSV-0112: each resource, in one namespace. */
export const allNamespaceResources: Check<Manifest> = ofRules(
  'KSV-0112',
  'CRITICAL',
  {
    name: 'no-wildcard-resource-role',
    title: 'May use all resources of its namespace',
    description: 'All resources of a namespace are its secrets, Pods and roles too.',
    resolution: 'Name the resources that are needed.',
    kinds: ['Role'],
  },
  usesAll,
);

function usesAll({ groups, resources, verbs }: RoleRule): string | undefined {
  if (!resources.has('*')) return undefined;
  if (groups !== undefined && ![...groups].some(isOfKubernetes)) return undefined;
  const isUsed = verbs.has('*') || anyVerb.some((each) => verbs.has(each));
  return isUsed ? 'A rule is about all resources (*)' : undefined;
}

/** All resources of somebody's own group are not all. Such groups have a dot, and none but Kubernetes' end in k8s.io. */
function isOfKubernetes(group: string): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}
