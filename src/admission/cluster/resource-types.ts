import type { ResourceType } from '../../kubernetes/model.ts';

function typeOf(group: string, version: string, resource: string, kind: string, namespaced: boolean): ResourceType {
  return { group, version, resource, kind, namespaced };
}

/** Kinds of objects that the webhook reads or keeps, by their names in paths. */
export const resourceTypes: Readonly<
  Record<
    | 'namespaces'
    | 'secrets'
    | 'configMaps'
    | 'serviceAccounts'
    | 'roleBindings'
    | 'clusterRoleBindings'
    | 'clusterRoles'
    | 'mutatingWebhooks'
    | 'validatingWebhooks',
    ResourceType
  >
> = {
  namespaces: typeOf('', 'v1', 'namespaces', 'Namespace', false),
  secrets: typeOf('', 'v1', 'secrets', 'Secret', true),
  configMaps: typeOf('', 'v1', 'configmaps', 'ConfigMap', true),
  serviceAccounts: typeOf('', 'v1', 'serviceaccounts', 'ServiceAccount', true),
  roleBindings: typeOf('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding', true),
  clusterRoleBindings: typeOf('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding', false),
  clusterRoles: typeOf('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', false),
  mutatingWebhooks: typeOf(
    'admissionregistration.k8s.io',
    'v1',
    'mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
    false,
  ),
  validatingWebhooks: typeOf(
    'admissionregistration.k8s.io',
    'v1',
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    false,
  ),
};
