import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { buildDatabase } from '../src/vulndb/build.ts';
import { advisoryUpdate } from '../testing/vulnerability-database.ts';
import { run } from './measure.ts';
import { makeAdvisories } from './scanning/generate.ts';
import type { Line } from './workspace.ts';

const workloads = Number(process.env['SEAWORTHY_BENCH_WORKLOADS'] ?? 5000);
const digests = Number(process.env['SEAWORTHY_BENCH_DIGESTS'] ?? 300);
const program = join(import.meta.dirname, '..', 'dist', 'bin', 'seaworthy.js');

interface Told {
  readonly lists: Readonly<Record<string, number>>;
  readonly requests: number;
}

/**
 * Scanning a cluster of 5,000 workloads and 300 digests: with nothing known, with all layers known, and with a summary, everything in
 * JSON, or that and a table at once; then asking who is hit. The cluster and its registry are a process of their own.
 */
export async function clusterBench(): Promise<Line[]> {
  if (!existsSync(program)) throw new Error('Build first: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  const served = spawn(
    process.execPath,
    [join(import.meta.dirname, 'cluster', 'serve.ts'), String(workloads), String(digests)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    return await measure(folder, served);
  } finally {
    served.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, served: ChildProcessByStdio<Writable, Readable, null>): Promise<Line[]> {
  const cache = join(folder, 'cache');
  await buildDatabase(join(cache, 'vulndb'), [advisoryUpdate(makeAdvisories())], { clock: () => new Date() });
  const lines = createInterface({ input: served.stdout })[Symbol.asyncIterator]();
  const read = async <Value>(): Promise<Value> => JSON.parse((await lines.next()).value as string) as Value;
  const { kubeconfig } = await read<{ readonly kubeconfig: string }>();
  const config = join(folder, 'config');
  writeFileSync(config, kubeconfig);
  const seaworthy = async (args: readonly string[]) => {
    const cost = await run(process.execPath, [program, ...args, '--kubeconfig', config, '--cache-dir', cache]);
    served.stdin.write('\n');
    return { ...cost, ...(await read<Told>()) };
  };
  const told: Line[] = [{ label: 'workloads, digests', value: `${workloads}, ${digests}` }];
  const json = join(folder, 'all.json');
  for (const [label, args, isBarred] of [
    ['nothing known', ['k8s', '--timeout', '10m'], false],
    ['warm, summary as a table', ['k8s'], true],
    ['warm, everything in JSON', ['k8s', '--report', 'all', '-o', `json=${json}`], true],
    ['warm, everything in JSON and as a table', ['k8s', '--report', 'all', '-o', `json=${json}`, '-o', 'table'], true],
  ] as const) {
    const { wall, memory, status, stderr, lists, requests } = await seaworthy(args);
    if (status !== 0) throw new Error(`The scan ended with ${status}: ${stderr}`);
    const most = Math.max(...Object.values(lists));
    const bars = <Bar extends string>(bar: Bar, met: boolean) => (isBarred ? { bar, met } : {});
    told.push(
      { label: `${label}: time`, value: `${(wall / 1000).toFixed(1)} s`, ...bars('<= 60 s', wall <= 60_000) },
      { label: `${label}: peak memory`, value: `${memory.toFixed(0)} MiB`, ...bars('<= 400 MB', memory <= 381) },
      { label: `${label}: lists of a kind, at most`, value: String(most), bar: '<= 3', met: most <= 3 },
      { label: `${label}: requests to the registry`, value: String(requests) },
    );
  }
  const who = await seaworthy(['triage', 'pkg-3@<1.4.0', '--cluster']);
  const flaw = await seaworthy(['triage', 'CVE-2025-10001', '--cluster']);
  for (const [label, { wall, memory, status, stderr }] of [
    ['triage of a package', who],
    ['triage of a flaw', flaw],
  ] as const) {
    if (status === 2) throw new Error(`Triage ended with ${status}: ${stderr}`);
    const value = `${(wall / 1000).toFixed(2)} s, ${memory.toFixed(0)} MiB`;
    told.push({ label, value, bar: '<= 1 s', met: wall <= 1000 });
  }
  return told;
}
