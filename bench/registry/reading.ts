import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../measure.ts';
import type { Line } from '../workspace.ts';
import { type Described, pushBlob, pushImage } from './content.ts';
import { generate, requestRate } from './generate.ts';
import { memoryOf, type Server } from './server.ts';

const rounds = 3;
const bigBytes = 104_857_600;

/** Servers of one run; `peers` are other registries, the first the one that bars speak of. */
export interface Servers {
  readonly one: Server;
  readonly two: Server;
  readonly peers: readonly Server[];
}

/** Puts the same content into all of them; gives the digest of the large blob. */
export async function pushContent({ one, two, peers }: Servers): Promise<string> {
  const big = Buffer.alloc(bigBytes, 'seaworthy bench ');
  let blob: Described | undefined;
  for (const { host } of [one, two, ...peers]) {
    await pushImage(host, 'app', 'v1', 8);
    blob = await pushBlob(host, 'big', big);
  }
  return (blob as Described).digest;
}

/** GET of a manifest by its tag, all in turns. */
export async function manifests(servers: Servers): Promise<Line[]> {
  const load = { seconds: 4, connections: 32 };
  const all = [servers.one, servers.two, ...servers.peers];
  for (const server of all) await requestRate(server, '/v2/app/manifests/v1', load);
  const rates = await inTurns(all, (server) => requestRate(server, '/v2/app/manifests/v1', load));
  const rate = (server: Server): number => rates.get(server) as number;
  const [yardstick] = servers.peers;
  const two = rate(servers.two);
  return [
    ...all.map((server) => ({ label: `manifest by tag, ${server.name}`, value: `${rate(server).toFixed(0)} /s` })),
    { label: 'manifest by tag, two processes', value: `${two.toFixed(0)} /s`, bar: '>= 20000', met: two >= 20_000 },
    ...ratioLine('manifest by tag, one process', rate(servers.one), yardstick && rate(yardstick), yardstick, 10),
    ...ratioLine('manifest by tag, two processes', two, yardstick && rate(yardstick), yardstick, 10),
  ];
}

/** GET of a blob of 100 MB by four clients, all in turns. */
export async function blobs(servers: Servers, digest: string): Promise<Line[]> {
  const path = `/v2/big/blobs/${digest}`;
  const all = [servers.one, servers.two, ...servers.peers];
  const speeds = await inTurns(all, async (server) => {
    const { bytes, seconds } = await generate(server, { kind: 'stream', path, seconds: 3, connections: 4 });
    return bytes / seconds / 1e6;
  });
  const speed = (server: Server): number => speeds.get(server) as number;
  const [yardstick] = servers.peers;
  return [
    ...all.map((server) => ({ label: `blob of 100 MB, ${server.name}`, value: `${speed(server).toFixed(0)} MB/s` })),
    ...ratioLine('blob of 100 MB, one process', speed(servers.one), yardstick && speed(yardstick), yardstick, 0.75),
    ...ratioLine('blob of 100 MB, two processes', speed(servers.two), yardstick && speed(yardstick), yardstick, 1),
  ];
}

/** The most memory that a process takes which was just started, while 64 clients read a blob of 100 MB. */
export async function memory(server: Server, digest: string): Promise<Line[]> {
  const task = { kind: 'stream', path: `/v2/big/blobs/${digest}`, seconds: 3, connections: 64 } as const;
  const peak = await peakMemory(server, () => generate(server, task));
  const label = 'memory at 64 streams, one process';
  return [{ label, value: `${peak.toFixed(0)} MiB`, bar: '<= 200', met: peak <= 200 }];
}

/** Asks all of them in turns, so that whatever else the machine does meets all alike; gives medians. */
export async function inTurns(
  servers: readonly Server[],
  measure: (server: Server) => Promise<number>,
): Promise<ReadonlyMap<Server, number>> {
  const seen = new Map<Server, number[]>(servers.map((server) => [server, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) seen.get(server)?.push(await measure(server));
  }
  return new Map([...seen].map(([server, numbers]) => [server, median(numbers)]));
}

/** A ratio to a yardstick; nothing where there is none. */
export function ratioLine(
  what: string,
  value: number,
  other: number | undefined,
  yardstick: Server | undefined,
  bar: number,
): readonly Line[] {
  if (other === undefined || yardstick === undefined) return [];
  const ratio = value / other;
  return [
    { label: `${what} / ${yardstick.name}`, value: `${ratio.toFixed(2)}x`, bar: `>= ${bar}x`, met: ratio >= bar },
  ];
}

async function peakMemory({ pid }: Server, work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const over = new AbortController();
  const watch = (async () => {
    while (!over.signal.aborted) {
      peak = Math.max(peak, memoryOf(pid));
      await sleep(20);
    }
  })();
  await work();
  over.abort();
  await watch;
  return peak;
}
