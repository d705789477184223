import { join } from 'node:path';
import { k8sCommand } from '../../../src/cli/commands/k8s.ts';
import type { ClusterOptions } from '../../../src/cli/cluster/options.ts';
import type { Settings } from '../../../src/cli/config/settings.ts';
import type { Clock } from '../../../src/net/clock.ts';
import type { Advisory } from '../../../src/finding/advisory.ts';
import { buildDatabase } from '../../../src/vulndb/build.ts';
import { type BuiltContent, buildImage } from '../../image/image-builder.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../image/temporary-directory.ts';
import { apkDatabase, osRelease } from '../../package-files.ts';
import { plainHost, plainSettings } from '../../plain-host.ts';
import { instantClock } from '../../registry/instant-clock.ts';
import type { TestRegistry } from '../../registry/test-registry.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../vulnerability-database.ts';
import { type FakeApiServer, type FakeApiServerOptions, startFakeApiServer } from '../fake-api-server.ts';
import { builtInTypes } from '../resource-types.ts';
import { controllerOf, nodeOf, ownedBy, podOf } from './objects.ts';

/** A cluster with a vulnerability database, and the command that scans it. */
export interface ScanWorld extends AsyncDisposable {
  readonly api: FakeApiServer;
  readonly folder: TemporaryDirectory;
  run(
    options?: ClusterOptions,
    changes?: Partial<Settings>,
    more?: { readonly signal?: AbortSignal; readonly clock?: Clock; readonly columns?: number },
  ): Promise<{ readonly status: number; readonly out: string; readonly err: string }>;
}

const usual: readonly Advisory[] = [
  makeAdvisory({
    id: 'CVE-2026-1',
    severity: 'CRITICAL',
    affected: [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])],
  }),
  makeAdvisory({ id: 'CVE-2026-2', affected: [makeAffected('Alpine:v3.19 busybox', ['0 1.36.1-r9'])] }),
];

/** Opens one. Its database knows flaws of musl before 1.2.4-r3 (critical) and of busybox before 1.36.1-r9 (not rated). */
export async function openScanWorld(
  options: FakeApiServerOptions = {},
  advisories: readonly Advisory[] = usual,
): Promise<ScanWorld> {
  await using opened = new AsyncDisposableStack();
  const api = opened.use(await startFakeApiServer(options));
  const folder = opened.use(temporaryDirectory());
  const cacheDir = join(folder.path, 'cache');
  await buildDatabase(join(cacheDir, 'vulndb'), [advisoryUpdate(advisories)], {
    clock: () => new Date('2026-11-27T07:00:00Z'),
  });
  const kubeconfig = folder.write('config', api.kubeconfig());
  const kept = opened.move();
  return {
    api,
    folder,
    async run(given = {}, changes = {}, { signal, columns, clock = instantClock() } = {}) {
      const { host, out, err } = plainHost(folder.path, {
        ...(signal === undefined ? {} : { signal }),
        ...(columns === undefined ? {} : { columns }),
      });
      const resolved = plainSettings({ cacheDir, format: 'table', ...changes });
      const status = await k8sCommand(undefined, { kubeconfig, ...given }, resolved, host, clock);
      return { status, out: out(), err: err() };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** An image of Alpine with these packages. */
export function alpineImage(packages: Readonly<Record<string, string>>, architecture = 'amd64'): BuiltContent {
  const platform = { os: 'linux', architecture };
  return buildImage({ layers: [{ tar: [osRelease('alpine', '3.19.1'), apkDatabase(packages)] }], platform });
}

/** Puts an image or index into a registry. */
export function storeBuilt(
  { store }: Pick<TestRegistry, 'store'>,
  repository: string,
  tag: string,
  { descriptor, blobs }: BuiltContent,
): void {
  for (const bytes of blobs.values()) {
    const isText = bytes[0] === 0x7b;
    const mediaType = isText ? (JSON.parse(bytes.toString()) as { mediaType?: string }).mediaType : undefined;
    if (mediaType === undefined) store.putBlob(repository, bytes);
    else store.putManifest(repository, bytes === blobs.get(descriptor.digest) ? tag : 'part', mediaType, bytes);
  }
}

/** A container of a Deployment: its image, and the digest that its Pods have of it, one Pod for each digest and node. */
export interface RunningContainer {
  readonly image: string;
  readonly digests?: readonly string[];
  readonly nodes?: readonly string[];
  readonly pullSecrets?: readonly string[];
}

/** Puts a Deployment with its ReplicaSet and Pods into a cluster. */
export function seedDeployment(
  api: FakeApiServer,
  namespace: string,
  name: string,
  { image, digests = [], nodes = ['n1'], pullSecrets = [] }: RunningContainer,
): void {
  const at = { namespace };
  const podSpec = { imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })) };
  const set = `${name}-1`;
  api.seed(builtInTypes.namespaces, { metadata: { name: namespace } });
  api.seed(builtInTypes.deployments, controllerOf(name, { app: image }, { ...at, podSpec }));
  const metadata = ownedBy('apps/v1', 'Deployment', name);
  api.seed(builtInTypes.replicaSets, controllerOf(set, { app: image }, { ...at, podSpec, metadata }));
  for (const [one, digest] of digests.entries()) {
    for (const node of nodes) {
      const imageId = `${image.replace(/:[^:/]*$/, '')}@${digest}`;
      const containers = [{ name: 'app', image, imageId }];
      const pod = { ...at, node, containers, metadata: ownedBy('apps/v1', 'ReplicaSet', set), spec: podSpec };
      api.seed(builtInTypes.pods, podOf({ ...pod, name: `${set}-${one}-${node}` }));
    }
  }
}

/** Puts two nodes into a cluster: n1 for amd64, and n2 for arm64. */
export function seedNodes(api: FakeApiServer): void {
  api.seed(builtInTypes.nodes, nodeOf('n1'), nodeOf('n2', 'arm64'), nodeOf('n3'));
}

/** Puts a pull secret into a cluster. */
export function seedPullSecret(
  api: FakeApiServer,
  namespace: string,
  name: string,
  auths: Readonly<Record<string, string>>,
): void {
  const entries = Object.entries(auths).map(([host, login]) => [host, { auth: Buffer.from(login).toString('base64') }]);
  const config = JSON.stringify({ auths: Object.fromEntries(entries) as object });
  const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
  api.seed(builtInTypes.secrets, {
    metadata: { name, namespace },
    type: 'kubernetes.io/dockerconfigjson',
    data,
  });
}
