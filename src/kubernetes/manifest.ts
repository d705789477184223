import type { RbacRule } from './rbac-rule.ts';

/** An object to be applied to a cluster. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Who has roles, and what objects that give them are marked with. */
export interface RoleHolder {
  readonly serviceAccount: { readonly name: string; readonly namespace: string };
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A role and its binding (rbac.authorization.k8s.io/v1).
 *
 * @param namespace where it counts; everywhere when it is undefined
 */
export function boundRole(
  { serviceAccount, labels }: RoleHolder,
  name: string,
  namespace: string | undefined,
  rules: readonly RbacRule[],
): readonly Manifest[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const prefix = namespace === undefined ? 'Cluster' : '';
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels };
  const subjects = [{ kind: 'ServiceAccount', ...serviceAccount }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: `${prefix}Role`, name };
  return [
    { apiVersion, kind: `${prefix}Role`, metadata, rules },
    { apiVersion, kind: `${prefix}RoleBinding`, metadata, subjects, roleRef },
  ];
}
