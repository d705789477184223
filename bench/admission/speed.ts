import { join } from 'node:path';
import type { Line } from '../workspace.ts';
import type { ReviewLoad } from './load.ts';
import { policyFiles } from './policies.ts';
import { type BenchFolder, type Measured, startMeasured, startWebhook } from './program.ts';
import { send } from './send.ts';
import type { SignedImages } from './signed-images.ts';

/** 500 reviews a second that are all known, the webhook on a processor of its own. */
export async function pacedBench(folder: BenchFolder, images: SignedImages): Promise<Line[]> {
  const lines: Line[] = [];
  const pods = [await images.make('shop/web', 3)];
  const policies = policyFiles({ host: images.registry.host, key: images.key });
  for (const protocol of ['HTTP/2', 'HTTP/1.1'] as const) {
    await using webhook = await startWebhook(folder, { policies, processor: 0 });
    const load = { protocol, ports: [webhook.port], pods, warmUp: 4000, count: 5000, rate: 500, atOnce: 4 };
    const seen = await send(folder, load, 1);
    lines.push({
      label: `500/s on one processor, ${protocol}`,
      value: `median ${seen.median.toFixed(2)} ms, 99 of 100 in ${seen.p99.toFixed(2)} ms`,
      bar: '≤ 1 ms, ≤ 10 ms',
      met: seen.median <= 1 && seen.p99 <= 10,
    });
  }
  return lines;
}

/** As many as both processors give, of which the load takes its share too. */
export async function unpacedBench(folder: BenchFolder, images: SignedImages): Promise<Line[]> {
  const pods = [await images.make('shop/web', 3)];
  const policies = policyFiles({ host: images.registry.host, key: images.key });
  const echo = [join(import.meta.dirname, 'echo.ts'), folder.path];
  const kinds = [
    ['a bare HTTPS server', 'HTTP/1.1', () => startMeasured(echo, folder.path), 1],
    ['one process', 'HTTP/1.1', () => startWebhook(folder, { policies }), 1],
    ['one process', 'HTTP/2', () => startWebhook(folder, { policies }), 1],
    ['two replicas', 'HTTP/1.1', () => startWebhook(folder, { policies }), 2],
  ] as const;
  let bare = Number.NaN;
  const lines: Line[] = [];
  for (const [name, protocol, start, replicas] of kinds) {
    await using opened = new AsyncDisposableStack();
    const servers: Measured[] = [];
    for (let at = 0; at < replicas; at += 1) servers.push(opened.use(await start()));
    const load: Omit<ReviewLoad, 'authority'> = {
      protocol,
      pods,
      atOnce: 16,
      warmUp: 4000,
      count: 12_000,
      ports: servers.map(({ port }) => port),
    };
    await send(folder, { ...load, count: 0 });
    const before = cpuOf(servers);
    const seen = await send(folder, load);
    // The warm-up of the second run is of the same kind.
    const cost = ((cpuOf(servers) - before) * 1000) / (load.count + load.warmUp);
    const speed = load.count / seen.seconds;
    if (Number.isNaN(bare)) bare = cost;
    const isBare = name === 'a bare HTTPS server';
    lines.push({
      label: `as many as go, ${name}, ${protocol}`,
      value: `${speed.toFixed(0)}/s, ${cost.toFixed(0)} µs of a processor each (${(cost / bare).toFixed(1)} × bare)`,
      // What two processors give that do nothing else; one process uses one of them.
      ...(isBare ? {} : { bar: '≥ 2000/s', met: speed >= 2000 }),
    });
  }
  return lines;
}

function cpuOf(servers: readonly Measured[]): number {
  return servers.reduce((sum, server) => sum + server.used().cpu, 0);
}
