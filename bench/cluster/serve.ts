/** A cluster and the registry of its images, as a process of their own: tells where they are, and at the end how often each kind was listed. */
import { buildImage } from '../../testing/image/image-builder.ts';
import { seedGeneratedCluster } from '../../testing/kubernetes/cluster/generated-cluster.ts';
import { listCounts } from '../../testing/kubernetes/cluster/list-counts.ts';
import { storeBuilt } from '../../testing/kubernetes/cluster/scan-world.ts';
import { startFakeApiServer } from '../../testing/kubernetes/fake-api-server.ts';
import { dpkgDatabase, npmPackage, osRelease } from '../../testing/package-files.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';
import { makeInventory } from '../scanning/generate.ts';

const [workloads = 5000, digests = 300] = process.argv.slice(2).map(Number);

await using registry = await startTestRegistry();
await using api = await startFakeApiServer();
const images = Array.from({ length: digests }, (_, number) => {
  const { packages } = makeInventory(number);
  const of = (type: string): readonly { readonly name: string; readonly version: string }[] =>
    packages.filter((pkg) => pkg.type === type);
  const debian = Object.fromEntries(of('deb').map(({ name, version }) => [name, version]));
  const built = buildImage({
    layers: [
      { tar: [osRelease('debian', '12'), dpkgDatabase(debian)] },
      { tar: of('npm').map(({ name, version }) => npmPackage(name, version)) },
    ],
  });
  storeBuilt(registry, `org/image-${number}`, `1.${number}`, built);
  return built.descriptor.digest;
});
seedGeneratedCluster(api, { workloads, digests, digest: (number) => images[number] ?? '' }, registry.host);
process.stdout.write(`${JSON.stringify({ kubeconfig: api.kubeconfig() })}\n`);

let before = 0;
let asked = 0;
process.stdin.on('data', () => {
  const lists = listCounts(api.calls.slice(before));
  process.stdout.write(`${JSON.stringify({ lists, requests: registry.requests.length - asked })}\n`);
  before = api.calls.length;
  asked = registry.requests.length;
});
await new Promise((resolve) => void process.stdin.on('end', resolve));
