import type { FakeApiServer } from '../fake-api-server.ts';
import { builtInTypes } from '../resource-types.ts';
import { controllerOf, digestOf, nodeOf, ownedBy, podOf } from './objects.ts';

/** How large a generated cluster is. */
export interface ClusterSize {
  readonly workloads: number;
  readonly digests: number;
  readonly namespaces?: number;
  readonly nodes?: number;
  /** Pods of each workload. */
  readonly pods?: number;
  /** Of an image, by its number; made up where nothing is said. */
  readonly digest?: (number: number) => string;
}

/**
 * Fills a fake API server with Deployments, each with its ReplicaSet and Pods, and with what Pods of real clusters say besides. The same
 * size gives the same cluster.
 *
 * @param registry the host of all images
 */
export function seedGeneratedCluster(api: FakeApiServer, size: ClusterSize, registry = 'registry.example'): void {
  const { workloads, digests, namespaces = 50, nodes = 100, pods = 2, digest = digestOf } = size;
  const nameOf = (index: number): string => `team-${index % namespaces}`;
  for (let index = 0; index < namespaces; index += 1) {
    api.seed(builtInTypes.namespaces, { metadata: { name: nameOf(index) } });
  }
  for (let index = 0; index < nodes; index += 1) {
    api.seed(builtInTypes.nodes, nodeOf(`node-${index}`, index % 4 === 0 ? 'arm64' : 'amd64'));
  }
  for (let index = 0; index < workloads; index += 1) {
    const at = { namespace: nameOf(index) };
    const name = `app-${index}`;
    const number = index % digests;
    const repository = `${registry}/org/image-${number}`;
    const images = { app: `${repository}:1.${number}` };
    api.seed(
      builtInTypes.deployments,
      controllerOf(name, images, { ...at, metadata: { labels: { app: name } }, spec: { replicas: pods } }),
    );
    api.seed(
      builtInTypes.replicaSets,
      controllerOf(`${name}-1`, images, {
        ...at,
        metadata: ownedBy('apps/v1', 'Deployment', name),
        spec: { replicas: pods },
      }),
    );
    for (let pod = 0; pod < pods; pod += 1) {
      api.seed(
        builtInTypes.pods,
        podOf({
          ...at,
          name: `${name}-1-${pod}`,
          node: `node-${(index + pod) % nodes}`,
          metadata: { ...ownedBy('apps/v1', 'ReplicaSet', `${name}-1`), annotations: { filler: 'x'.repeat(1000) } },
          containers: [{ name: 'app', image: images.app, imageId: `${repository}@${digest(number)}` }],
        }),
      );
    }
  }
}
