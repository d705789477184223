import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import test from 'node:test';
import { startOwnRegistry } from '../../../../testing/registry/own-registry.ts';
import { silentLogger } from '../../../base/logger.ts';
import type { AddJobOptions, JobData } from '../../../store/job/job-queue.ts';
import { RegistryMetrics } from '../../metrics/registry-metrics.ts';
import type { JobParts } from '../job-parts.ts';
import { runScrub } from './run-scrub.ts';

test('runScrub() divides what takes long, and each part goes on where the one before ended', async () => {
  // The long wait after which a part ends is over at the second of these looks.
  let endPart = (): void => undefined;
  let rests = 0;
  const wait = (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    if (milliseconds > 3_600_000) {
      return new Promise((resolve, reject) => {
        endPart = resolve;
        signal?.addEventListener('abort', () => reject(new Error('over')), { once: true });
      });
    }
    rests += 1;
    if (rests === restsUntilEnd) endPart();
    return new Promise((resolve) => setImmediate(resolve));
  };
  let restsUntilEnd = Infinity;
  await using own = await startOwnRegistry({ wait });
  await Promise.all(Array.from({ length: 300 }, (_, at) => own.pushBlob('app', `blob ${at}`)));
  const metrics = new RegistryMetrics(new Registry());
  const parts = {
    content: own.registry.content,
    metrics,
    logger: silentLogger,
    config: () => ({ scrub: { bytesPerSecond: 1_000_000_000 }, upstreams: { registries: [] } }),
  } as unknown as JobParts;
  const added: { readonly data: JobData; readonly options: AddJobOptions | undefined }[] = [];
  const queue = {
    add: (_: string, data: JobData, options?: AddJobOptions) => Promise.resolve(String(added.push({ data, options }))),
  };
  const read = async (): Promise<number> =>
    Number(/scrub_read_bytes_total (\d+)/.exec(await metrics.registry.metrics())?.[1]);
  const { signal } = new AbortController();

  rests = 0;
  await runScrub(parts, queue, {}, signal);
  assert.deepEqual(added, []);
  const [all, restsOfAll] = [await read(), rests];

  rests = 0;
  // The last rest is after all blobs, the one before after the first stretch of them.
  restsUntilEnd = restsOfAll - 1;
  await runScrub(parts, queue, {}, signal);
  assert.equal(added.length, 1);
  const { data, options } = added[0] as (typeof added)[number];
  assert.match(String(data['after']), /^sha256:/);
  assert.deepEqual(options, { key: `after ${String(data['after'])}` });
  const first = (await read()) - all;
  assert.ok(first > 0 && first < all);

  restsUntilEnd = Infinity;
  await runScrub(parts, queue, data, signal);
  assert.equal((await read()) - all, all, 'no byte was read twice, or left out');

  // One that gets nowhere does not go on for ever.
  rests = 0;
  restsUntilEnd = 1;
  await runScrub(parts, queue, {}, signal);
  assert.equal(added.length, 1);
  await assert.rejects(runScrub(parts, queue, {}, AbortSignal.abort(new Error('stop'))), /stop/);
});
