import { restrictedPod } from '../../kubernetes/restricted-pod.ts';
import { admissionLimits } from '../limits.ts';
import { gatekeeperPart } from './gatekeeper-part.ts';
import { type ManifestSettings, ports } from './model.ts';

type Labels = Readonly<Record<string, string>>;

/** The home of the user that it runs as cannot be written. */
const cacheFolder = '/var/cache/seaworthy';

/** The Pods of the webhook (Kubernetes, "Pod Security Standards", restricted): nothing of them is written but in memory. */
export function podTemplate(settings: ManifestSettings, labels: Labels): object {
  const { image, name, namespace, args, priorityClass, resources } = settings;
  const gatekeeper = gatekeeperPart(settings);
  const probe = (path: string): object => ({ httpGet: { path, port: 'plain' }, periodSeconds: 5, timeoutSeconds: 3 });
  return {
    metadata: { labels },
    spec: {
      serviceAccountName: name,
      ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass }),
      // What is under way is answered, and nobody is sent here any more, before the end.
      terminationGracePeriodSeconds: (admissionLimits.drainTime + admissionLimits.closeTime) / 1000 + 10,
      securityContext: restrictedPod.pod,
      topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        // Where there is one node, the webhook runs there all the same.
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: labels },
      })),
      containers: [
        {
          name: 'admission',
          image,
          args: [
            ['admission', 'serve', '--cluster', '--namespace', namespace, '--service', name],
            ['--listen', `:${ports.reviews}`, '--metrics-listen', `:${ports.plain}`, '--cache-dir', cacheFolder],
            gatekeeper.args,
            args,
          ].flat(),
          ports: [
            { name: 'reviews', containerPort: ports.reviews },
            { name: 'plain', containerPort: ports.plain },
            ...gatekeeper.containerPorts,
          ],
          startupProbe: { ...probe('/healthz'), failureThreshold: 30 },
          livenessProbe: { ...probe('/healthz'), failureThreshold: 6 },
          readinessProbe: { ...probe('/readyz'), failureThreshold: 1 },
          resources: {
            requests: { cpu: resources.cpu, memory: resources.memory },
            limits: { memory: resources.memoryLimit },
          },
          securityContext: restrictedPod.container,
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'cache', mountPath: cacheFolder },
            ...gatekeeper.volumeMounts,
          ],
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
        { name: 'cache', emptyDir: { sizeLimit: '1Gi' } },
        ...gatekeeper.volumes,
      ],
    },
  };
}
