import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { vulnerabilityReportDefinition } from '../src/cluster/operator/report/definitions.ts';
import { buildDatabase } from '../src/vulndb/build.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../testing/image/temporary-directory.ts';
import { ownedBy, podOf } from '../testing/kubernetes/cluster/objects.ts';
import { type FakeApiServer, startFakeApiServer } from '../testing/kubernetes/fake-api-server.ts';
import { builtInTypes } from '../testing/kubernetes/resource-types.ts';
import { makeSyntheticImage, storeImage } from '../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../testing/registry/test-registry.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../testing/vulnerability-database.ts';
import type { Line } from './workspace.ts';

const workloads = Number(process.env['SEAWORTHY_BENCH_WORKLOADS'] ?? 5000);
const digests = Number(process.env['SEAWORTHY_BENCH_DIGESTS'] ?? 300);
/** MiB; what the bar says is in megabytes. */
const bar = 120_000_000 / 1_048_576;
/** Processes that scanned are gone after half a minute with nothing to do. */
const idleTime = 60_000;
const packages = 150;
const root = join(import.meta.dirname, '..');

/**
 * What an operator holds that has reported on a cluster and has nothing to do; then the same of one that was started anew. The cluster
 * is a simulated API server in this process; the operator is a process of its own, as it is in a Pod: the built one (`npm run build`) where
 * that is there, since sources that Node reads itself take more.
 */
export async function operatorBench(): Promise<Line[]> {
  using folder = temporaryDirectory();
  await using registry = await startTestRegistry();
  await using api = await startFakeApiServer();
  await fill(api, registry, folder);
  const kubeconfig = join(folder.path, 'kubeconfig');
  writeFileSync(kubeconfig, api.kubeconfig());
  const told: Line[] = [{ label: 'workloads, digests', value: `${workloads}, ${digests}` }];
  for (const start of ['first start', 'second start']) {
    const began = performance.now();
    const { child, url } = await startOperator(folder, registry, kubeconfig);
    try {
      const reports = 'aquasecurity.github.io/v1alpha1/vulnerabilityreports';
      while (api.store.list(reports).length < workloads) await sleep(500);
      while ((await seriesOf(url)) < workloads * 6) await sleep(500);
      told.push({ label: `${start}: all is reported`, value: `${((performance.now() - began) / 1000).toFixed(0)} s` });
      for (let scrape = 0; scrape < 10; scrape += 1) await seriesOf(url);
      const scraped = performance.now();
      const series = await seriesOf(url);
      const time = `${(performance.now() - scraped).toFixed(0)} ms`;
      told.push({ label: `${start}: a scrape of ${series} series`, value: time });
      await sleep(idleTime);
      const { rss, most } = used(child);
      const value = `${rss.toFixed(0)} MiB, ${most.toFixed(0)} at most`;
      told.push({ label: `${start}: memory idle`, value, bar: '<= 120 MB', met: rss <= bar });
    } finally {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
    }
  }
  return told;
}

/** Images and their flaws, and what runs them. */
async function fill(api: FakeApiServer, registry: TestRegistry, folder: TemporaryDirectory): Promise<void> {
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
}

async function startOperator(
  folder: TemporaryDirectory,
  registry: TestRegistry,
  kubeconfig: string,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const built = join(root, 'dist', 'cli', 'main.js');
  const main = existsSync(built) ? built : join(root, 'src', 'cli', 'main.ts');
  const child = spawn(
    process.execPath,
    [
      [main, 'operator', 'serve', '--kubeconfig', kubeconfig, '--cache-dir', folder.path, '--listen', '127.0.0.1:0'],
      ['--database-update', '0', '--no-sbom-reports', '--quiet', '--scan-workers', '2'],
      ['--plain-http', registry.host, '--allow-registry', registry.host],
    ].flat(),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout });
  const { value } = await lines[Symbol.asyncIterator]().next();
  if (typeof value !== 'string') throw new Error('The operator did not begin');
  return { child, url: value };
}

/** How many series are told in the form of trivy-operator. */
async function seriesOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith('trivy_')).length;
}

/** MiB, of the operator without the processes that scan. */
function used(child: ChildProcess): { readonly rss: number; readonly most: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { rss: of('VmRSS'), most: of('VmHWM') };
}
