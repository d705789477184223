import type { FakeApiServer } from '../fake-api-server.ts';
import { builtInTypes } from '../resource-types.ts';
import { controllerOf, digestOf, nodeOf, ownedBy, podOf } from './objects.ts';

/** Digests of {@link seedSampleCluster}, by what has them. */
export const sampleDigests: Readonly<
  Record<
    | 'webOld'
    | 'webNew'
    | 'proxy'
    | 'init'
    | 'mesh'
    | 'debug'
    | 'rollout'
    | 'agent'
    | 'etcd'
    | 'lone'
    | 'pinned'
    | 'job'
    | 'model',
    string
  >
> = {
  webOld: digestOf(1),
  webNew: digestOf(2),
  proxy: digestOf(3),
  init: digestOf(4),
  mesh: digestOf(5),
  debug: digestOf(6),
  rollout: digestOf(7),
  agent: digestOf(8),
  etcd: digestOf(9),
  lone: digestOf(10),
  pinned: digestOf(11),
  job: digestOf(12),
  model: digestOf(13),
};

const d = sampleDigests;

/** Puts a small cluster into a fake API server, with one of each thing that makes Pods and each way in which images are told. */
export function seedSampleCluster(api: FakeApiServer): void {
  api.seed(
    builtInTypes.namespaces,
    ...['shop', 'batch'].map((name) => ({ metadata: { name, labels: { team: name } } })),
  );
  api.seed(builtInTypes.nodes, nodeOf('n1'), nodeOf('n2', 'arm64'));
  api.seed(builtInTypes.serviceAccounts, {
    metadata: { name: 'shopper', namespace: 'shop' },
    imagePullSecrets: [{ name: 'account-pull' }],
  });
  seedRollout(api);
  seedCustom(api);
  seedSystem(api);
  seedJobs(api);
  seedLonePods(api);
  api.seed(builtInTypes.services, { metadata: { name: 'web', namespace: 'shop' } });
  api.seed(builtInTypes.configMaps, { metadata: { name: 'a', namespace: 'shop' }, data: { long: 'x'.repeat(10_000) } });
}

/** A Deployment amid a rollout: Pods of two ReplicaSets on two architectures, one of which did not start, and a mesh that somebody adds. */
function seedRollout(api: FakeApiServer): void {
  const owner = ownedBy('apps/v1', 'Deployment', 'web');
  const at = { namespace: 'shop' };
  const secrets = { serviceAccountName: 'shopper', imagePullSecrets: [{ name: 'web-pull' }] };
  const initContainers = [
    { name: 'setup', image: 'ghcr.io/shop/setup:1' },
    { name: 'log', image: 'ghcr.io/shop/log:1', restartPolicy: 'Always' },
  ];
  api.seed(
    builtInTypes.deployments,
    controllerOf(
      'web',
      { app: 'ghcr.io/shop/web:2', proxy: 'nginx:1.29' },
      {
        ...at,
        metadata: { labels: { app: 'web' }, creationTimestamp: '2026-02-01T00:00:00Z' },
        spec: { replicas: 4 },
        podSpec: { ...secrets, initContainers },
      },
    ),
  );
  const set = (name: string, version: number, replicas: number): ReturnType<typeof controllerOf> =>
    controllerOf(
      name,
      { app: `ghcr.io/shop/web:${version}`, proxy: 'nginx:1.29' },
      {
        ...at,
        metadata: owner,
        spec: { replicas },
      },
    );
  api.seed(builtInTypes.replicaSets, set('web-0', 0, 0), set('web-1', 1, 2), set('web-2', 2, 2));
  const pod = (name: string, set: string, node: string, version: number, digest: string | undefined): void =>
    api.seed(
      builtInTypes.pods,
      podOf({
        ...at,
        name,
        node,
        metadata: ownedBy('apps/v1', 'ReplicaSet', set),
        spec: secrets,
        containers: [
          {
            name: 'app',
            image: `ghcr.io/shop/web:${version}`,
            ...(digest === undefined ? {} : { imageId: `ghcr.io/shop/web@${digest}` }),
          },
          { name: 'proxy', image: 'nginx:1.29', imageId: `docker-pullable://mirror.example/nginx@${d.proxy}` },
          {
            name: 'setup',
            image: 'ghcr.io/shop/setup:1',
            imageId: `ghcr.io/shop/setup@${d.init}`,
            list: 'initContainers',
          },
          { name: 'log', image: 'ghcr.io/shop/log:1', list: 'initContainers', more: { restartPolicy: 'Always' } },
          { name: 'mesh', image: 'mesh/proxy:3', imageId: `docker.io/mesh/proxy@${d.mesh}` },
          ...(name === 'web-1-a'
            ? [{ name: 'sh', image: 'busybox', imageId: `busybox@${d.debug}`, list: 'ephemeralContainers' } as const]
            : []),
        ],
      }),
    );
  pod('web-1-a', 'web-1', 'n1', 1, d.webOld);
  pod('web-1-b', 'web-1', 'n2', 1, d.webOld);
  pod('web-2-a', 'web-2', 'n2', 2, d.webNew);
  pod('web-2-b', 'web-2', 'n1', 2, undefined);
}

/** Custom resources: one that makes ReplicaSets, and one that makes a StatefulSet, which wants what a webhook pins. */
function seedCustom(api: FakeApiServer): void {
  const at = { namespace: 'shop' };
  const rollout = ownedBy('argoproj.io/v1alpha1', 'Rollout', 'cart');
  api.seed(
    builtInTypes.replicaSets,
    controllerOf('cart-1', { app: 'ghcr.io/shop/cart:1' }, { ...at, metadata: rollout }),
  );
  api.seed(
    builtInTypes.pods,
    podOf({
      ...at,
      name: 'cart-1-a',
      metadata: ownedBy('apps/v1', 'ReplicaSet', 'cart-1'),
      containers: [{ name: 'app', image: 'ghcr.io/shop/cart:1', imageId: `ghcr.io/shop/cart@${d.rollout}` }],
    }),
    podOf({
      ...at,
      name: 'db-0',
      metadata: ownedBy('apps/v1', 'StatefulSet', 'db'),
      containers: [{ name: 'db', image: `postgres:18@${d.pinned}` }],
    }),
  );
  const metadata = ownedBy('acid.zalan.do/v1', 'postgresql', 'db-cluster');
  api.seed(builtInTypes.statefulSets, controllerOf('db', { db: 'postgres:18' }, { ...at, metadata }));
}

/** A DaemonSet, and Pods that a kubelet runs by itself. */
function seedSystem(api: FakeApiServer): void {
  const at = { namespace: 'kube-system' };
  api.seed(builtInTypes.daemonSets, {
    ...controllerOf('agent', { agent: 'agent:1' }, { ...at, spec: { replicas: undefined } }),
    status: { desiredNumberScheduled: 2 },
  });
  for (const node of ['n1', 'n2']) {
    const containers = [{ name: 'agent', image: 'agent:1', imageId: `docker.io/library/agent@${d.agent}` }];
    const metadata = ownedBy('apps/v1', 'DaemonSet', 'agent');
    api.seed(builtInTypes.pods, podOf({ ...at, name: `agent-${node}`, node, metadata, containers }));
  }
  for (const [name, image] of [
    ['etcd', 'registry.k8s.io/etcd:3.6'],
    ['kube-apiserver', 'registry.k8s.io/kube-apiserver:v1.34.1'],
  ] as const) {
    const containers = [{ name, image, imageId: `registry.k8s.io/${name}@${d.etcd}` }];
    const metadata = { annotations: { 'kubernetes.io/config.mirror': '0' }, ...ownedBy('v1', 'Node', 'n1') };
    api.seed(builtInTypes.pods, podOf({ ...at, name: `${name}-n1`, metadata, containers }));
  }
}

/** A CronJob with a Job that goes on and one that is done, and a Job of its own that is done. */
function seedJobs(api: FakeApiServer): void {
  const at = { namespace: 'batch' };
  const { metadata, spec } = controllerOf('nightly', { run: 'ghcr.io/batch/run:1' }, at) as Readonly<
    Record<string, object>
  >;
  api.seed(builtInTypes.cronJobs, { metadata, spec: { schedule: '0 3 * * *', jobTemplate: { spec } } });
  const done = { completionTime: '2026-02-01T03:00:00Z', succeeded: 1 };
  const job = (name: string, status: object, owner: object = {}): object => ({
    ...controllerOf(name, { run: 'ghcr.io/batch/run:1' }, { ...at, metadata: { ...owner } }),
    status,
  });
  const owner = ownedBy('batch/v1', 'CronJob', 'nightly');
  const jobs = [job('nightly-1', done, owner), job('nightly-2', { active: 1 }, owner), job('once', done)];
  api.seed(builtInTypes.jobs, ...(jobs as Readonly<Record<string, unknown>>[]));
  for (const [name, phase] of [
    ['nightly-1', 'Succeeded'],
    ['nightly-2', 'Running'],
    ['once', 'Succeeded'],
  ] as const) {
    const containers = [{ name: 'run', image: 'ghcr.io/batch/run:1', imageId: `ghcr.io/batch/run@${d.job}` }];
    const pod = { ...at, name: `${name}-x`, phase, metadata: ownedBy('batch/v1', 'Job', name), containers };
    api.seed(builtInTypes.pods, podOf(pod));
  }
}

/** Pods that nobody controls: one with an image volume, one of an image that came from no registry. */
function seedLonePods(api: FakeApiServer): void {
  const volume = podOf({
    name: 'model',
    containers: [{ name: 'app', image: 'app:1', imageId: `docker.io/library/app@${d.lone}` }],
    spec: { volumes: [{ name: 'weights', image: { reference: 'ghcr.io/ml/model:1' } }] },
  });
  const volumeMounts = [
    { name: 'weights', mountPath: '/m', volumeStatus: { image: { imageRef: `ghcr.io/ml/model@${d.model}` } } },
  ];
  const status = {
    phase: 'Running',
    containerStatuses: [{ name: 'app', imageID: `docker.io/library/app@${d.lone}`, volumeMounts }],
  };
  api.seed(
    builtInTypes.pods,
    { ...volume, status },
    podOf({ name: 'local', containers: [{ name: 'app', image: 'built:dev', imageId: digestOf(99) }] }),
  );
}
