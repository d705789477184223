import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { ResourceUser } from '../../policy/resource/model.ts';

/** The roles of somebody. */
export interface BoundRoles {
  /** `namespace:name`, as Kyverno writes them. */
  readonly roles: readonly string[];
  readonly clusterRoles: readonly string[];
}

/** What is held of a RoleBinding or ClusterRoleBinding. */
export function keptOfBinding({ apiVersion, kind, metadata, roleRef, subjects }: KubernetesObject): KubernetesObject {
  const { name, namespace } = metadata;
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, roleRef, subjects };
}

/**
 * The roles that are bound to a user, by name, group or service account (Kubernetes, "Using RBAC Authorization"). A cluster role that
 * a RoleBinding names is one of the user's cluster roles, as Kyverno has it, though it counts in one namespace only.
 */
export function rolesOf(
  { username, groups }: ResourceUser,
  roleBindings: Iterable<KubernetesObject>,
  clusterRoleBindings: Iterable<KubernetesObject>,
): BoundRoles {
  const roles = new Set<string>();
  const clusterRoles = new Set<string>();
  const isBound = (binding: KubernetesObject): boolean =>
    listOf(binding['subjects']).some((subject) => isUser(subject, binding, username, groups));
  for (const binding of roleBindings) {
    const { kind, name } = objectOf(binding['roleRef']);
    if (typeof name !== 'string' || !isBound(binding)) continue;
    if (kind === 'Role') roles.add(`${binding.metadata.namespace ?? ''}:${name}`);
    else if (kind === 'ClusterRole') clusterRoles.add(name);
  }
  for (const binding of clusterRoleBindings) {
    const { kind, name } = objectOf(binding['roleRef']);
    if (kind === 'ClusterRole' && typeof name === 'string' && isBound(binding)) clusterRoles.add(name);
  }
  return { roles: [...roles].sort(), clusterRoles: [...clusterRoles].sort() };
}

function isUser(
  subject: Readonly<Record<string, unknown>>,
  binding: KubernetesObject,
  username: string,
  groups: readonly string[],
): boolean {
  const { kind, name, namespace = binding.metadata.namespace } = subject;
  if (typeof name !== 'string') return false;
  if (kind === 'User') return name === username;
  if (kind === 'Group') return groups.includes(name);
  return kind === 'ServiceAccount' && username === `system:serviceaccount:${String(namespace)}:${name}`;
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
