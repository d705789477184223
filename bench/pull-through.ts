import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { PullResult } from './registry/pull-clients.ts';
import type { Line } from './workspace.ts';

const execute = promisify(execFile);

/** Of the upstream, for each answer, in milliseconds. */
const delay = 50;
const layers = 10;

/** Smaller runs say less and take less: SEAWORTHY_BENCH_CLIENTS, SEAWORTHY_BENCH_LAYER (bytes). */
const clients = Number(process.env['SEAWORTHY_BENCH_CLIENTS'] ?? 256);
const layerBytes = Number(process.env['SEAWORTHY_BENCH_LAYER'] ?? 50_000_000);

interface Started extends AsyncDisposable {
  readonly url: string;
}

/**
 * Cold clients of one image: through an empty cache, then through the same one that is warm, then from the upstream itself. All processes
 * share the machine, so ratios of one run count.
 */
export async function pullThroughBench(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  try {
    await using upstream = await startProgram(
      'registry/slow-upstream.ts',
      JSON.stringify({ layers, layerBytes, delay }),
    );
    const before = loadavg()[0] ?? 0;
    await using cache = await startProgram('../testing/registry/cache-child.ts', upstream.url, folder);
    const cold = await pull(cache.url, 'hub.test/team/app');
    const counts = await countsOf(upstream);
    const warm = await pull(cache.url, 'hub.test/team/app');
    const countsWarm = await countsOf(upstream);
    const direct = await pull(upstream.url, 'team/app');
    const asked = (all: readonly number[]): string => `${Math.max(...all)} (${all.length} objects)`;
    const most = Math.max(...counts);
    const extra = countsWarm.reduce((sum, one) => sum + one, 0) - counts.reduce((sum, one) => sum + one, 0);
    const size = ((layers * layerBytes) / 1e6).toFixed(0);
    return [
      { label: 'load of the machine before', value: before.toFixed(2) },
      { label: 'clients, and megabytes of the image', value: `${clients}, ${size}` },
      { label: 'cold: most requests upstream for one object', value: asked(counts), bar: '1', met: most === 1 },
      { label: 'cold: first byte of the manifest, median', value: ms(cold.firstByteMedian) },
      { label: 'cold: first byte of the manifest, slowest', value: ms(cold.firstByteSlowest) },
      { label: 'cold: all have all', value: seconds(cold) },
      { label: 'warm: requests upstream', value: String(extra), bar: '0', met: extra === 0 },
      { label: 'warm: first byte of the manifest, median', value: ms(warm.firstByteMedian) },
      { label: 'warm: all have all', value: seconds(warm) },
      { label: 'direct: first byte of the manifest, median', value: ms(direct.firstByteMedian) },
      { label: 'direct: all have all', value: seconds(direct) },
      { label: 'cold beside direct', value: `${(cold.wall / direct.wall).toFixed(2)}x the time` },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function pull(url: string, repository: string): Promise<PullResult> {
  const program = join(import.meta.dirname, 'registry', 'pull-clients.ts');
  const { stdout } = await execute(process.execPath, [program, JSON.stringify({ url, repository, clients })]);
  const result = JSON.parse(stdout) as PullResult;
  if (result.errors > 0) throw new Error(`${result.errors} clients did not get the image`);
  return result;
}

async function countsOf({ url }: Started): Promise<readonly number[]> {
  const response = await fetch(`${url}/counts`);
  return Object.values((await response.json()) as Readonly<Record<string, number>>);
}

async function startProgram(name: string, ...args: readonly string[]): Promise<Started> {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [url] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), 'line')) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(0)} ms`;
}

function seconds({ wall, bytes }: PullResult): string {
  return `${(wall / 1000).toFixed(1)} s, ${(bytes / wall / 1000).toFixed(0)} MB/s`;
}
