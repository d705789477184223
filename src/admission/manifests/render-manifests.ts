import { boundRole, type Manifest } from '../../kubernetes/manifest.ts';
import { imagePolicyDefinition } from '../resources/image-policy.ts';
import { imageVerdictDefinition } from '../resources/image-verdict.ts';
import { gatekeeperPart } from './gatekeeper-part.ts';
import { type ManifestSettings, ports } from './model.ts';
import { rbacRules } from './rbac-rules.ts';
import { podTemplate } from './workload.ts';

/** Roles with it, which is `"true"`, give the webhook what they allow. */
const grantLabel = 'rbac.seaworthy.dev/aggregate-to-admission';

/**
 * All that a cluster needs to run the webhook, in the order in which it is to be applied. The webhooks themselves are not among it: the
 * leader registers them when it can answer, and what is applied before that would refuse its own Pods.
 */
export function renderManifests(settings: ManifestSettings): readonly Manifest[] {
  const { namespace, name, replicas } = settings;
  const { servicePorts, ingress } = gatekeeperPart(settings);
  const selected = { 'app.kubernetes.io/name': name };
  const labels = { ...selected, 'app.kubernetes.io/part-of': 'seaworthy' };
  const cluster = { name, labels };
  const own = { name, namespace, labels };
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    },
    imagePolicyDefinition(),
    imageVerdictDefinition(),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: own },
    ...roles(settings, labels),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: own,
      spec: {
        replicas,
        // There is always one that answers.
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        selector: { matchLabels: selected },
        template: podTemplate(settings, selected),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: own,
      spec: {
        selector: selected,
        ports: [
          { name: 'reviews', port: 443, targetPort: 'reviews' },
          { name: 'plain', port: ports.plain, targetPort: 'plain' },
          ...servicePorts,
        ],
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: own,
      spec: { maxUnavailable: 1, selector: { matchLabels: selected } },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { ...cluster, namespace },
      spec: {
        podSelector: { matchLabels: selected },
        // API servers are in no namespace that could be named, and where registries are nobody knows beforehand.
        policyTypes: ['Ingress'],
        ingress: [{ ports: [ports.reviews, ports.plain].map((port) => ({ protocol: 'TCP', port })) }, ...ingress],
      },
    },
  ];
}

function roles(settings: ManifestSettings, labels: Readonly<Record<string, string>>): readonly Manifest[] {
  const { namespace, name, secretNamespaces, clusterWideSecrets } = settings;
  const { cluster, own, secrets } = rbacRules(settings);
  const holder = { serviceAccount: { name, namespace }, labels };
  const more = `${name}-more`;
  return [
    ...boundRole(holder, name, undefined, cluster),
    // For policies that read more of the cluster: whoever may do so grants it by a role with this label.
    ...boundRole(holder, more, undefined, []).map((each) =>
      each.kind === 'ClusterRole'
        ? { ...each, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [grantLabel]: 'true' } }] } }
        : each,
    ),
    ...boundRole(holder, name, namespace, own),
    ...(clusterWideSecrets
      ? []
      : secretNamespaces.flatMap((each) => boundRole(holder, `${name}-secrets`, each, secrets))),
  ];
}
