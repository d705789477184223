import { leaseType } from '../../../kubernetes/leader/lease.ts';
import { type RbacRule, rulesOf } from '../../../kubernetes/rbac-rule.ts';
import { sbomReports, vulnerabilityReports } from '../report/report-types.ts';
import { serviceAccounts } from '../scan/account-secrets.ts';
import { jobs, nodes, pods } from '../watch/followed-types.ts';
import type { OperatorManifestSettings } from './model.ts';

/** What the operator may do, in the cluster and in namespaces. */
export interface OperatorRules {
  readonly cluster: readonly RbacRule[];
  /** In its own namespace. */
  readonly own: readonly RbacRule[];
  /** In each namespace of `secretNamespaces`. */
  readonly secrets: readonly RbacRule[];
}

/**
 * The least that the operator does its work with: it follows what runs, writes and removes reports, and reads Secrets one by one and never
 * lists them. Applying is patching, and creating what is not there.
 */
export function operatorRules({
  name,
  clusterWideSecrets,
}: Pick<OperatorManifestSettings, 'name' | 'clusterWideSecrets'>): OperatorRules {
  const secrets = rulesOf([serviceAccounts, { group: '', resource: 'secrets' }], ['get']);
  const [lease] = rulesOf([leaseType], ['get', 'update']);
  return {
    cluster: [
      ...rulesOf([pods, nodes, jobs], ['list', 'watch']),
      ...rulesOf([vulnerabilityReports, sbomReports], ['list', 'watch', 'create', 'patch', 'delete']),
      ...(clusterWideSecrets ? secrets : []),
    ],
    own: [
      ...rulesOf([leaseType], ['create']),
      // Whoever creates something cannot be held to its name.
      ...(lease === undefined ? [] : [{ ...lease, resourceNames: [name] }]),
    ],
    secrets,
  };
}
