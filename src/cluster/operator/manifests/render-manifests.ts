import { boundRole, type Manifest } from '../../../kubernetes/manifest.ts';
import { restrictedPod } from '../../../kubernetes/restricted-pod.ts';
import { sbomReportDefinition, vulnerabilityReportDefinition } from '../report/definitions.ts';
import { operatorPort, type OperatorManifestSettings } from './model.ts';
import { operatorRules } from './rbac-rules.ts';

/** The home of the user that it runs as cannot be written. */
const cacheFolder = '/var/cache/seaworthy';

/** All that a cluster needs to run the operator, in the order in which it is to be applied. */
export function renderOperatorManifests(settings: OperatorManifestSettings): readonly Manifest[] {
  const { namespace, name, replicas, definitions } = settings;
  const selected = { 'app.kubernetes.io/name': name };
  const labels = { ...selected, 'app.kubernetes.io/part-of': 'seaworthy' };
  const own = { name, namespace, labels };
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
    ...(definitions ? [vulnerabilityReportDefinition(), sbomReportDefinition()] : []),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: own },
    ...roles(settings, labels),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: own,
      spec: {
        replicas,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
        selector: { matchLabels: selected },
        template: podTemplate(settings, selected),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: own,
      spec: { selector: selected, ports: [{ name: 'plain', port: operatorPort, targetPort: 'plain' }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: own,
      spec: {
        podSelector: { matchLabels: selected },
        // Where registries are nobody knows beforehand.
        policyTypes: ['Ingress'],
        ingress: [{ ports: [{ protocol: 'TCP', port: operatorPort }] }],
      },
    },
  ];
}

function podTemplate(settings: OperatorManifestSettings, labels: Readonly<Record<string, string>>): object {
  const { image, name, namespace, args, resources } = settings;
  const probe = (path: string): object => ({ httpGet: { path, port: 'plain' }, periodSeconds: 10, timeoutSeconds: 3 });
  return {
    metadata: { labels },
    spec: {
      serviceAccountName: name,
      terminationGracePeriodSeconds: 30,
      securityContext: restrictedPod.pod,
      containers: [
        {
          name: 'operator',
          image,
          args: [
            ['operator', 'serve', '--namespace', namespace],
            ['--listen', `:${operatorPort}`, '--cache-dir', cacheFolder],
            args,
          ].flat(),
          ports: [{ name: 'plain', containerPort: operatorPort }],
          startupProbe: { ...probe('/healthz'), failureThreshold: 30 },
          livenessProbe: { ...probe('/healthz'), failureThreshold: 6 },
          readinessProbe: { ...probe('/readyz'), failureThreshold: 3 },
          resources: {
            requests: { cpu: resources.cpu, memory: resources.memory },
            limits: { memory: resources.memoryLimit },
          },
          securityContext: restrictedPod.container,
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'cache', mountPath: cacheFolder },
          ],
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
        // The vulnerability database, layers, and what was read of images.
        { name: 'cache', emptyDir: { sizeLimit: '6Gi' } },
      ],
    },
  };
}

function roles(settings: OperatorManifestSettings, labels: Readonly<Record<string, string>>): readonly Manifest[] {
  const { namespace, name, secretNamespaces, clusterWideSecrets } = settings;
  const { cluster, own, secrets } = operatorRules(settings);
  const holder = { serviceAccount: { name, namespace }, labels };
  return [
    ...boundRole(holder, name, undefined, cluster),
    ...boundRole(holder, name, namespace, own),
    ...(clusterWideSecrets
      ? []
      : secretNamespaces.flatMap((each) => boundRole(holder, `${name}-secrets`, each, secrets))),
  ];
}
