import type { ResourceType } from '../kubernetes/model.ts';

/** A kind of object that is listed. */
export interface ListedKind extends ResourceType {
  /** What kubectl calls it for short. */
  readonly short: readonly string[];
  /**
   * What it is listed for. `pods` run; `links` are made for others (ReplicaSets for Deployments); `controllers` are not; `facts` say
   * more of what runs; of `counted` ones it is only told how many there are, and only where they are asked for.
   */
  readonly use: 'pods' | 'links' | 'controllers' | 'facts' | 'counted';
}

function kind(
  apiVersion: string,
  resource: string,
  name: string,
  use: ListedKind['use'],
  short: readonly string[] = [],
  namespaced = true,
): ListedKind {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, resource, kind: name, namespaced, short, use };
}

const rbac = 'rbac.authorization.k8s.io/v1';

/** Kinds that are read each in its own way. */
export const knownKinds: Readonly<Record<'pods' | 'nodes' | 'namespaces' | 'serviceAccounts', ListedKind>> = {
  pods: kind('v1', 'pods', 'Pod', 'pods', ['po']),
  nodes: kind('v1', 'nodes', 'Node', 'facts', ['no'], false),
  namespaces: kind('v1', 'namespaces', 'Namespace', 'facts', ['ns'], false),
  serviceAccounts: kind('v1', 'serviceaccounts', 'ServiceAccount', 'facts', ['sa']),
};

/** All kinds that may be listed. */
export const allKinds: readonly ListedKind[] = [
  ...Object.values(knownKinds),
  kind('apps/v1', 'replicasets', 'ReplicaSet', 'links', ['rs']),
  kind('batch/v1', 'jobs', 'Job', 'links'),
  kind('v1', 'replicationcontrollers', 'ReplicationController', 'links', ['rc']),
  kind('apps/v1', 'deployments', 'Deployment', 'controllers', ['deploy']),
  kind('apps/v1', 'statefulsets', 'StatefulSet', 'controllers', ['sts']),
  kind('apps/v1', 'daemonsets', 'DaemonSet', 'controllers', ['ds']),
  kind('batch/v1', 'cronjobs', 'CronJob', 'controllers', ['cj']),
  kind('v1', 'services', 'Service', 'counted', ['svc']),
  kind('v1', 'configmaps', 'ConfigMap', 'counted', ['cm']),
  kind('networking.k8s.io/v1', 'ingresses', 'Ingress', 'counted', ['ing']),
  kind('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy', 'counted', ['netpol']),
  kind('v1', 'resourcequotas', 'ResourceQuota', 'counted', ['quota']),
  kind('v1', 'limitranges', 'LimitRange', 'counted', ['limits']),
  kind(rbac, 'roles', 'Role', 'counted'),
  kind(rbac, 'rolebindings', 'RoleBinding', 'counted'),
  kind(rbac, 'clusterroles', 'ClusterRole', 'counted', [], false),
  kind(rbac, 'clusterrolebindings', 'ClusterRoleBinding', 'counted', [], false),
];

/** Whether listing a kind says what runs. */
export function isOfWorkloads({ use }: ListedKind): boolean {
  return use === 'pods' || use === 'links' || use === 'controllers';
}
