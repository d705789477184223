import { type RbacRule, rulesOf } from '../../kubernetes/rbac-rule.ts';
import { scannedTypes } from '../background/scanned-types.ts';
import { eventType } from '../event/event-object.ts';
import { policyTypes } from '../policies/policy-types.ts';
import { reportTypes } from '../report/report-types.ts';
import { type ManifestSettings, configurationName, sharedNames } from './model.ts';

/** What the webhook may do, in the cluster and in namespaces. */
export interface RbacRules {
  readonly cluster: readonly RbacRule[];
  /** In its own namespace. */
  readonly own: readonly RbacRule[];
  /** In each namespace of `secretNamespaces`. */
  readonly secrets: readonly RbacRule[];
}

const read = ['get', 'list', 'watch'] as const;
const secretsAlone: RbacRule = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };

/**
 * The least that the webhook does its work with. Whoever creates something cannot be held to its name, so creating is allowed apart from
 * the rest, which goes by names. Secrets are read one by one and never listed.
 */
export function rbacRules({
  name,
  clusterWideSecrets,
  gatekeeper,
}: Pick<ManifestSettings, 'name' | 'clusterWideSecrets' | 'gatekeeper'>): RbacRules {
  const providers = gatekeeper?.providers ?? [];
  const configurations = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'];
  const { certificates, sealKey, lease } = sharedNames;
  return {
    cluster: [
      { apiGroups: [''], resources: ['namespaces'], verbs: read },
      { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get'] },
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['rolebindings', 'clusterrolebindings'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], resourceNames: [name], verbs: ['get'] },
      { apiGroups: ['admissionregistration.k8s.io'], resources: configurations, verbs: ['create'] },
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: configurations,
        resourceNames: [configurationName],
        verbs: [...read, 'update', 'patch', 'delete'],
      },
      ...rulesOf(
        policyTypes.flatMap(({ types }) => types),
        read,
      ),
      { apiGroups: ['seaworthy.dev'], resources: ['imagepolicies/status'], verbs: ['update'] },
      { apiGroups: ['kyverno.io'], resources: ['globalcontextentries'], verbs: ['list', 'watch'] },
      {
        apiGroups: ['verdicts.seaworthy.dev'],
        resources: ['imageverdicts'],
        verbs: ['list', 'watch', 'create', 'patch', 'delete'],
      },
      // What runs is looked over page by page.
      ...rulesOf(scannedTypes, ['list']),
      ...rulesOf(
        reportTypes.flatMap(({ namespaced, cluster }) => [namespaced, cluster]),
        ['get', 'create', 'update', 'delete'],
      ),
      ...rulesOf([eventType], ['create', 'patch']),
      ...(providers.length === 0 ? [] : [providersNamed(providers)]),
      ...(clusterWideSecrets ? [secretsAlone] : []),
    ],
    own: [
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
      { apiGroups: [''], resources: ['secrets'], resourceNames: [certificates, sealKey], verbs: ['get', 'update'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [lease], verbs: ['get', 'update'] },
    ],
    secrets: [secretsAlone],
  };
}

/** Whom Gatekeeper's Providers trust is written into those of these names, and into no other. */
function providersNamed(resourceNames: readonly string[]): RbacRule {
  return {
    apiGroups: ['externaldata.gatekeeper.sh'],
    resources: ['providers'],
    resourceNames,
    verbs: ['get', 'patch'],
  };
}
