import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { PullResult } from './registry/pull-clients.ts';
import { startPeer } from './registry/server.ts';
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

/** What came of one cache. */
interface Measured {
  readonly cold: PullResult;
  readonly warm: PullResult;
  /** Requests upstream by object: until all had all, and for the second time. */
  readonly coldAsked: readonly number[];
  readonly warmAsked: readonly number[];
}

/**
 * Cold clients of one image: through an empty cache, then through the same one that is warm, then from the upstream itself; and through
 * docker-registry as a cache, where that is on PATH. All processes share the machine, so ratios of one run count.
 */
export async function pullThroughBench(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  try {
    await using upstream = await startProgram(
      'registry/slow-upstream.ts',
      JSON.stringify({ layers, layerBytes, delay }),
    );
    const before = loadavg()[0] ?? 0;
    const own = await measureOwn(upstream, folder);
    const peer = await measurePeer(upstream, join(folder, 'peer'));
    const direct = await pull(upstream.url, 'team/app');
    const size = ((layers * layerBytes) / 1e6).toFixed(0);
    const most = Math.max(...own.coldAsked);
    const extra = sum(own.warmAsked);
    return [
      { label: 'load of the machine before', value: before.toFixed(2) },
      { label: 'clients, and megabytes of the image', value: `${clients}, ${size}` },
      { label: 'cold: most requests upstream for one object', value: asked(own.coldAsked), bar: '1', met: most === 1 },
      ...linesOf('cold', own.cold),
      { label: 'warm: requests upstream', value: String(extra), bar: '0', met: extra === 0 },
      ...linesOf('warm', own.warm),
      ...linesOf('direct', direct),
      { label: 'cold beside direct', value: `${(own.cold.wall / direct.wall).toFixed(2)}x the time` },
      ...(peer === undefined ? [] : besidePeer(own, peer)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureOwn(upstream: Started, folder: string): Promise<Measured> {
  await using cache = await startProgram('../testing/registry/cache-child.ts', upstream.url, folder);
  return await measure(upstream, cache.url, 'hub.test/team/app');
}

async function measurePeer(upstream: Started, folder: string): Promise<Measured | undefined> {
  await using peer = await startPeer(folder, 'docker-registry', false, upstream.url);
  return peer === undefined ? undefined : await measure(upstream, `http://${peer.host}`, 'team/app');
}

async function measure(upstream: Started, url: string, repository: string): Promise<Measured> {
  const start = await countsOf(upstream);
  const cold = await pull(url, repository);
  const between = await countsOf(upstream);
  const warm = await pull(url, repository);
  const end = await countsOf(upstream);
  return { cold, warm, coldAsked: since(start, between), warmAsked: since(between, end) };
}

function linesOf(what: string, result: PullResult): readonly Line[] {
  return [
    { label: `${what}: first byte of the manifest, median`, value: ms(result.firstByteMedian) },
    { label: `${what}: first byte of the manifest, slowest`, value: ms(result.firstByteSlowest) },
    { label: `${what}: all have all`, value: seconds(result) },
  ];
}

/** Below 1 is better than docker-registry. */
function besidePeer(own: Measured, peer: Measured): readonly Line[] {
  const ratio = (label: string, ours: number, theirs: number): Line => {
    const value = ours / theirs;
    return { label: `${label} beside docker-registry`, value: `${value.toFixed(2)}x`, bar: '<= 1', met: value <= 1 };
  };
  return [
    { label: 'docker-registry, cold: most requests for one object', value: asked(peer.coldAsked) },
    { label: 'docker-registry, warm: requests upstream', value: String(sum(peer.warmAsked)) },
    ...linesOf('docker-registry, cold', peer.cold),
    ...linesOf('docker-registry, warm', peer.warm),
    ratio('cold: requests upstream', sum(own.coldAsked), sum(peer.coldAsked)),
    ratio('cold: median first byte', own.cold.firstByteMedian, peer.cold.firstByteMedian),
    ratio('cold: all have all,', own.cold.wall, peer.cold.wall),
    ratio('warm: median first byte', own.warm.firstByteMedian, peer.warm.firstByteMedian),
    ratio('warm: all have all,', own.warm.wall, peer.warm.wall),
  ];
}

function asked(all: readonly number[]): string {
  return `${Math.max(...all)} (${all.length} objects, ${sum(all)} requests)`;
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}

async function pull(url: string, repository: string): Promise<PullResult> {
  const program = join(import.meta.dirname, 'registry', 'pull-clients.ts');
  const { stdout } = await execute(process.execPath, [program, JSON.stringify({ url, repository, clients })]);
  const result = JSON.parse(stdout) as PullResult;
  if (result.errors > 0) throw new Error(`${result.errors} clients did not get the image`);
  return result;
}

type Counts = Readonly<Record<string, number>>;

/** Requests so far by the last part of their path, whatever their method. */
async function countsOf({ url }: Started): Promise<Counts> {
  const counts: Record<string, number> = {};
  const response = await fetch(`${url}/counts`);
  for (const [key, count] of Object.entries((await response.json()) as Counts)) {
    const name = key.slice(key.indexOf(' ') + 1);
    counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}

function since(before: Counts, after: Counts): readonly number[] {
  return Object.entries(after)
    .map(([name, count]) => count - (before[name] ?? 0))
    .filter((count) => count > 0);
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
