import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { vulnerabilityReportDefinition } from '../src/cluster/operator/report/definitions.ts';
import { buildDatabase } from '../src/vulndb/build.ts';
import { temporaryDirectory } from '../testing/image/temporary-directory.ts';
import { ownedBy, podOf } from '../testing/kubernetes/cluster/objects.ts';
import { startFakeApiServer } from '../testing/kubernetes/fake-api-server.ts';
import { builtInTypes } from '../testing/kubernetes/resource-types.ts';
import { makeSyntheticImage, storeImage } from '../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../testing/registry/test-registry.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../testing/vulnerability-database.ts';

/**
 * What an operator holds that has reported on a cluster and has nothing to do: `node bench/operator.ts [workloads] [digests]`. The cluster
 * is a simulated API server in this process; the operator is a process of its own, as it is in a Pod: the built one (`npm run build`) where
 * that is there.
 */
const [workloads = 5000, digests = 300] = process.argv.slice(2).map(Number);
/** MiB; what the bar says is in megabytes. */
const bar = 120_000_000 / 1_048_576;
/** Processes that scanned are gone after half a minute with nothing to do. */
const idleTime = 60_000;
const packages = 150;

using folder = temporaryDirectory();
await using registry = await startTestRegistry();
await using api = await startFakeApiServer();
api.seed(builtInTypes.customResourceDefinitions, vulnerabilityReportDefinition());
const names = Array.from({ length: packages }, (_, at) => `lib${at}`);
const installed = names.map((name) => `P:${name}\nV:1.2.4-r2\nA:x86_64\no:${name}\n\n`).join('');
const advisories = names.map((name, at) =>
  makeAdvisory({
    id: `CVE-2026-${at}`,
    summary: `a flaw of ${name}`,
    affected: [makeAffected(`Alpine:v3.19 ${name}`, ['0 1.2.4-r3'])],
  }),
);
await buildDatabase(join(folder.path, 'vulndb'), [advisoryUpdate(advisories)], { clock: () => new Date() });
const images = Array.from({ length: digests }, (_, at) => {
  const files = {
    'etc/os-release': 'ID=alpine\nVERSION_ID="3.19.1"\n',
    'lib/apk/db/installed': installed,
    id: String(at),
  };
  return storeImage(registry.store, `team/app-${at}`, 'v1', makeSyntheticImage([files]));
});
for (let at = 0; at < workloads; at += 1) {
  const image = at % digests;
  const name = `${registry.host}/team/app-${image}`;
  const app = { name: 'app', image: `${name}:v1`, imageId: `${name}@${images[image]}` };
  for (const pod of ['a', 'b']) {
    const metadata = ownedBy('apps/v1', 'ReplicaSet', `web-${at}`);
    api.seed(builtInTypes.pods, podOf({ name: `web-${at}-${pod}`, containers: [app], metadata }));
  }
}
const kubeconfig = join(folder.path, 'kubeconfig');
writeFileSync(kubeconfig, api.kubeconfig());
const began = performance.now();
// What is built holds less than sources that are read by Node itself.
const root = join(import.meta.dirname, '..');
const built = join(root, 'dist', 'cli', 'main.js');
const main = existsSync(built) ? built : join(root, 'src', 'cli', 'main.ts');
const child: ChildProcess = spawn(
  process.execPath,
  [
    [main, 'operator', 'serve', '--kubeconfig', kubeconfig, '--cache-dir', folder.path, '--listen', '127.0.0.1:0'],
    ['--database-update', '0', '--no-sbom-reports', '--quiet', '--scan-workers', '2'],
    ['--plain-http', registry.host, '--allow-registry', registry.host],
  ].flat(),
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
try {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const url = (await lines[Symbol.asyncIterator]().next()).value as string;
  const reports = 'aquasecurity.github.io/v1alpha1/vulnerabilityreports';
  while (api.store.list(reports).length < workloads) await new Promise((resolve) => setTimeout(resolve, 500));
  tell(
    `${workloads} workloads with ${digests} digests reported`,
    `${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
  tell('memory then', told());
  for (let scrape = 0; scrape < 10; scrape += 1) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (scrape === 9) tell('series', String(text.split('\n').filter((line) => line.startsWith('trivy_')).length));
  }
  tell('memory after 10 scrapes', told());
  await new Promise((resolve) => setTimeout(resolve, idleTime));
  const { rss } = used();
  tell('memory idle', `${told()}, ≤ ${bar.toFixed(0)} MiB (120 MB): ${rss <= bar ? 'met' : 'MISSED'}`);
} finally {
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
}

function tell(label: string, value: string): void {
  process.stdout.write(`${label}: ${value}\n`);
}

/** MiB, of the operator without the processes that scan. */
function used(): { readonly rss: number; readonly most: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { rss: of('VmRSS'), most: of('VmHWM') };
}

function told(): string {
  const { rss, most } = used();
  return `${rss.toFixed(0)} MiB, ${most.toFixed(0)} at most`;
}
