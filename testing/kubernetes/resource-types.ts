import type { ResourceType } from '../../src/kubernetes/model.ts';

/** A type that a fake API server has. */
export interface FakeType extends ResourceType {
  readonly shortNames?: readonly string[];
  /** Served as the object itself, but for `scale`. */
  readonly subresources?: readonly string[];
  /** A question: answered, and kept nowhere. */
  readonly isReview?: boolean;
}

function type(
  apiVersion: string,
  resource: string,
  kind: string,
  rest: Partial<FakeType> & { readonly cluster?: boolean } = {},
): FakeType {
  const slash = apiVersion.indexOf('/');
  const { cluster = false, ...others } = rest;
  return {
    group: apiVersion.slice(0, Math.max(0, slash)),
    version: apiVersion.slice(slash + 1),
    resource,
    kind,
    namespaced: !cluster,
    ...others,
  };
}

const withStatus = { subresources: ['status'] };
const cluster = { cluster: true };

/** What tests call the types of Kubernetes itself. */
type BuiltInName =
  | 'namespaces'
  | 'nodes'
  | 'pods'
  | 'services'
  | 'secrets'
  | 'configMaps'
  | 'serviceAccounts'
  | 'replicationControllers'
  | 'podTemplates'
  | 'events'
  | 'deployments'
  | 'replicaSets'
  | 'statefulSets'
  | 'daemonSets'
  | 'jobs'
  | 'cronJobs'
  | 'leases'
  | 'networkPolicies'
  | 'ingresses'
  | 'resourceQuotas'
  | 'limitRanges'
  | 'roles'
  | 'roleBindings'
  | 'clusterRoles'
  | 'clusterRoleBindings'
  | 'customResourceDefinitions'
  | 'mutatingWebhooks'
  | 'validatingWebhooks'
  | 'subjectAccessReviews'
  | 'tokenReviews';

/** The types of Kubernetes itself that tests need; definitions of custom resources add to them. */
export const builtInTypes: Readonly<Record<BuiltInName, FakeType>> = {
  namespaces: type('v1', 'namespaces', 'Namespace', { ...cluster, ...withStatus, shortNames: ['ns'] }),
  nodes: type('v1', 'nodes', 'Node', { ...cluster, ...withStatus, shortNames: ['no'] }),
  pods: type('v1', 'pods', 'Pod', { subresources: ['status', 'ephemeralcontainers'], shortNames: ['po'] }),
  services: type('v1', 'services', 'Service', { ...withStatus, shortNames: ['svc'] }),
  secrets: type('v1', 'secrets', 'Secret'),
  configMaps: type('v1', 'configmaps', 'ConfigMap', { shortNames: ['cm'] }),
  serviceAccounts: type('v1', 'serviceaccounts', 'ServiceAccount', { shortNames: ['sa'] }),
  replicationControllers: type('v1', 'replicationcontrollers', 'ReplicationController', withStatus),
  podTemplates: type('v1', 'podtemplates', 'PodTemplate'),
  events: type('events.k8s.io/v1', 'events', 'Event'),
  deployments: type('apps/v1', 'deployments', 'Deployment', { ...withStatus, shortNames: ['deploy'] }),
  replicaSets: type('apps/v1', 'replicasets', 'ReplicaSet', { ...withStatus, shortNames: ['rs'] }),
  statefulSets: type('apps/v1', 'statefulsets', 'StatefulSet', { ...withStatus, shortNames: ['sts'] }),
  daemonSets: type('apps/v1', 'daemonsets', 'DaemonSet', { ...withStatus, shortNames: ['ds'] }),
  jobs: type('batch/v1', 'jobs', 'Job', withStatus),
  cronJobs: type('batch/v1', 'cronjobs', 'CronJob', { ...withStatus, shortNames: ['cj'] }),
  networkPolicies: type('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy', { shortNames: ['netpol'] }),
  ingresses: type('networking.k8s.io/v1', 'ingresses', 'Ingress', { ...withStatus, shortNames: ['ing'] }),
  resourceQuotas: type('v1', 'resourcequotas', 'ResourceQuota', { ...withStatus, shortNames: ['quota'] }),
  limitRanges: type('v1', 'limitranges', 'LimitRange', { shortNames: ['limits'] }),
  leases: type('coordination.k8s.io/v1', 'leases', 'Lease'),
  roles: type('rbac.authorization.k8s.io/v1', 'roles', 'Role'),
  roleBindings: type('rbac.authorization.k8s.io/v1', 'rolebindings', 'RoleBinding'),
  clusterRoles: type('rbac.authorization.k8s.io/v1', 'clusterroles', 'ClusterRole', cluster),
  clusterRoleBindings: type('rbac.authorization.k8s.io/v1', 'clusterrolebindings', 'ClusterRoleBinding', cluster),
  customResourceDefinitions: type('apiextensions.k8s.io/v1', 'customresourcedefinitions', 'CustomResourceDefinition', {
    ...cluster,
    ...withStatus,
    shortNames: ['crd'],
  }),
  mutatingWebhooks: type(
    'admissionregistration.k8s.io/v1',
    'mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
    cluster,
  ),
  validatingWebhooks: type(
    'admissionregistration.k8s.io/v1',
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    cluster,
  ),
  subjectAccessReviews: type('authorization.k8s.io/v1', 'subjectaccessreviews', 'SubjectAccessReview', {
    ...cluster,
    isReview: true,
  }),
  tokenReviews: type('authentication.k8s.io/v1', 'tokenreviews', 'TokenReview', { ...cluster, isReview: true }),
};

/** One type, whatever its version: how objects are kept apart. */
export function typeKey({ group, version, resource }: ResourceType): string {
  return `${group}/${version}/${resource}`;
}
