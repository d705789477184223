import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../measure.ts';
import type { Line } from '../workspace.ts';
import { fillImages, openRecords } from './fill.ts';
import { generate } from './generate.ts';
import { memoryOf, type Server, startOwn } from './server.ts';

const blobs = 1_000_000;
const rounds = 3;

/** A registry of a million blobs, half of which nothing names: how it starts, and pushes while garbage is collected. */
export async function size(folder: string): Promise<Line[]> {
  const begun = performance.now();
  {
    await using database = await openRecords(folder);
    await fillImages(database, blobs, true);
  }
  const filled = (performance.now() - begun) / 1000;
  const bytes = statSync(join(folder, 'data', 'registry.db')).size;
  const starts: number[] = [];
  let memory = 0;
  for (let round = 0; round < rounds; round += 1) {
    await using server = await startOwn(folder, { workers: 1 });
    starts.push(server.startTime);
    memory = memoryOf(server.pid);
  }
  const start = median(starts);
  return [
    {
      label: `records of ${blobs} blobs, made in ${filled.toFixed(0)} s`,
      value: `${(bytes / 2 ** 20).toFixed(0)} MiB`,
    },
    {
      label: 'from the start of the process to an answer',
      value: `${start.toFixed(0)} ms`,
      bar: '<= 2000',
      met: start <= 2000,
    },
    { label: 'memory after the start', value: `${memory.toFixed(0)} MiB` },
    ...(await pushWhileCollecting(folder)),
  ];
}

/** In turns, so that both see the same machine: a registry that collects garbage at its time, and one that does not. */
async function pushWhileCollecting(folder: string): Promise<Line[]> {
  const push = (server: Server) => generate(server, { kind: 'push', path: 'pushed', seconds: 8, connections: 4 });
  const quiet: number[] = [];
  const busy: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const collects of [false, true]) {
      await using server = await startOwn(folder, { workers: 1, collects });
      await push(server);
      // Jobs begin some seconds after the minute.
      for (let waited = 0; collects && waited < 90 && !(await isCollecting(server)); waited += 1) await sleep(1000);
      const { p99 } = await push(server);
      // At some time all garbage is gone: what was measured until then counts.
      if ((await isCollecting(server)) === collects) (collects ? busy : quiet).push(p99);
    }
  }
  if (busy.length === 0 || quiet.length === 0) {
    return [{ label: 'p99 of small pushes while garbage is collected', value: 'not measured: none was left' }];
  }
  const [without, during] = [median(quiet), median(busy)];
  const change = (during / without - 1) * 100;
  return [
    { label: 'p99 of small pushes', value: `${without.toFixed(1)} ms` },
    { label: 'the same while garbage is collected', value: `${during.toFixed(1)} ms` },
    { label: 'change', value: `${change.toFixed(0)} %`, bar: '< 20 %', met: change < 20 },
  ];
}

/** Whether a collection is under way, by its own metrics. */
async function isCollecting({ config }: Server): Promise<boolean> {
  const { registry } = JSON.parse(readFileSync(config, 'utf8')) as { registry: { metrics: { listen: string } } };
  const text = await (await fetch(`http://${registry.metrics.listen}/metrics`)).text();
  return /^seaworthy_registry_jobs\{queue="gc",state="running"\} 1$/m.test(text);
}
