import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Line } from '../workspace.ts';
import { type ContainerdPull, containerdPull, hasContainerd, hasNode, nodePull } from './containerd-pull.ts';
import { writeDatabase, writePolicy } from './policy-file.ts';
import { type Serving, startProgram, startRegistry } from './serve.ts';

/** Smaller runs say less and take less: SEAWORTHY_BENCH_LAYER (stored bytes of each of ten layers). */
const layerBytes = Number(process.env['SEAWORTHY_BENCH_LAYER'] ?? 45_000_000);
const layers = 10;
const repository = 'hub.test/team/app';
/**
 * Bytes a second that the upstream sends, and that the client takes: as fast as loopback goes, a gigabit, what public registries often
 * give, and a node whose own link or disk is slower than that.
 */
const links = [
  ['loopback', 0, 0],
  ['125 MB/s', 125_000_000, 0],
  ['50 MB/s', 50_000_000, 0],
  ['125 MB/s, node takes 50', 125_000_000, 50_000_000],
] as const;

interface Pulled {
  /** Milliseconds from the start until the manifest was there, and until all of the image was. */
  readonly manifest: number;
  readonly all: number;
  readonly bytes: number;
}

/**
 * One client that pulls an image for the first time, three layers at a time, through a cache without a gate and through one that scans and
 * judges it first, from upstreams that are quick and slow. The client only reads: nothing can have an image sooner. Beside it, where it is
 * there, a real containerd without a gate, which verifies what it stores.
 */
export async function firstPullBench(folder: string): Promise<Line[]> {
  const database = await writeDatabase(folder);
  const policies = [writePolicy(folder)];
  const gated = {
    scanning: { enabled: true, database },
    gate: { policies, hold: '10m', platforms: ['linux/amd64'] },
  };
  const lines: Line[] = [];
  for (const [name, rate, taken] of links) {
    await using upstream = await startProgram('image-upstream.ts', JSON.stringify({ layers, layerBytes, rate }));
    let caches = 0;
    const openCache = async (settings: object): Promise<Serving> => {
      const registries = [{ host: 'hub.test', url: upstream.url, allowPrivate: true }];
      const upstreams = { registries };
      return await startRegistry(join(folder, `${name} ${(caches += 1)}`), { ...settings, upstreams });
    };
    const through = async (settings: object): Promise<Pulled> => {
      await using cache = await openCache(settings);
      return await pull(cache.url, repository, taken);
    };
    const without = await through({});
    const judged = await through(gated);
    lines.push(
      { label: `${name}: stored megabytes of the image`, value: (without.bytes / 1e6).toFixed(0) },
      { label: `${name}: no gate, manifest and all`, value: `${ms(without.manifest)}, ${ms(without.all)}` },
      {
        label: `${name}: gate, decided`,
        value: ms(judged.manifest),
        bar: `${ms(without.all)}: its layers would be there`,
        met: judged.manifest <= without.all,
      },
      { label: `${name}: gate, all`, value: `${ms(judged.all)} (${plus(judged.all - without.all)})` },
    );
    // What it takes cannot be bounded from here.
    if (taken > 0 || !hasContainerd) continue;
    const { fetched, unpacked } = await containerdPull(() => openCache({}), repository);
    lines.push(
      {
        label: `${name}: no gate, containerd has fetched it all`,
        value: ms(fetched),
        bar: `later than ${ms(judged.manifest)}: decided`,
        met: judged.manifest <= fetched,
      },
      { label: `${name}: no gate, containerd has unpacked it too`, value: ms(unpacked) },
    );
    if (!hasNode) continue;
    const nodeThrough = (settings: object): Promise<ContainerdPull> =>
      nodePull(() => openCache(settings), repository, layers + 2);
    const node = await nodeThrough({});
    const late = await nodeThrough(gated);
    lines.push(
      {
        label: `${name}: no gate, a node has fetched it all, as it unpacks`,
        value: ms(node.fetched),
        bar: `later than ${ms(judged.manifest)}: decided`,
        met: judged.manifest <= node.fetched,
      },
      { label: `${name}: no gate, a node has unpacked it too`, value: ms(node.unpacked) },
      {
        label: `${name}: gate, a node has fetched and unpacked it`,
        value: `${ms(late.fetched)}, ${ms(late.unpacked)} (${plus(late.unpacked - node.unpacked)})`,
      },
    );
  }
  return lines;
}

/** @param rate bytes a second that are taken, of all that come at once; 0 for no bound */
async function pull(url: string, repository: string, rate: number): Promise<Pulled> {
  const agent = new Agent({ keepAlive: true, maxSockets: 3 });
  let bytes = 0;
  let free = 0;
  const slow = (response: IncomingMessage, length: number): void => {
    if (rate === 0) return;
    const now = performance.now();
    free = Math.max(free, now) + (length / rate) * 1000;
    // Timers of less say nothing.
    if (free - now < 5) return;
    response.pause();
    setTimeout(() => response.resume(), free - now);
  };
  const fetchPath = (path: string, keep: boolean): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      get(`${url}/v2/${repository}/${path}`, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          slow(response, chunk.length);
          if (keep) chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          if (response.statusCode === 200) resolve(body);
          else reject(new Error(`It was answered ${response.statusCode}: ${body.toString()}`));
        });
      }).on('error', reject);
    });
  const started = performance.now();
  try {
    const manifest = JSON.parse((await fetchPath('manifests/v1', true)).toString()) as {
      readonly config: { readonly digest: string };
      readonly layers: readonly { readonly digest: string }[];
    };
    const decided = performance.now() - started;
    await Promise.all([manifest.config, ...manifest.layers].map(({ digest }) => fetchPath(`blobs/${digest}`, false)));
    return { manifest: decided, all: performance.now() - started, bytes };
  } finally {
    agent.destroy();
  }
}

function plus(milliseconds: number): string {
  return `${milliseconds < 0 ? '' : '+'}${ms(milliseconds)}`;
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(0)} ms`;
}
