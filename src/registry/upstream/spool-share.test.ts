import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { beginDownload } from '../../../testing/registry/begun-download.ts';
import { type OwnCache, putImage, type UpstreamImage } from '../../../testing/registry/own-cache.ts';
import { forwardClock } from '../../../testing/registry/forward-clock.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { systemClock } from '../../net/clock.ts';

const reused = reuseRegistry();
const size = 900_000;
const section = { spool: { maxBytes: String(2 * size + 100_000) } };

/** Looks for room often, and long enough to find it when the machine is busy. */
const patientClock = () =>
  forwardClock((milliseconds, signal) =>
    systemClock.sleep(milliseconds > 4000 ? milliseconds : Math.min(milliseconds, 50), signal),
  );

/** Two upstreams before one spool, of which the first sends nothing of its layers but their beginnings until it is told to. */
interface Stage extends AsyncDisposable {
  readonly cache: OwnCache;
  readonly stalling: { readonly registry: TestRegistry; readonly image: UpstreamImage; readonly goOn: () => void };
  readonly other: UpstreamImage;
}

async function openStage(isAlone: boolean): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const registry = opened.use(await startTestRegistry());
  const second = opened.use(await startTestRegistry());
  const image = putImage(registry.store, 'app', 'v1', [size, size + 1, size + 2]);
  const other = putImage(second.store, 'app', 'v1', [size + 3, size + 4]);
  const { promise: event, resolve: goOn } = Promise.withResolvers<void>();
  for (const { digest } of image.layers) registry.faults.add({ kind: 'until', path: digest, after: 100_000, event });
  const entry = (host: string, url: string): object => ({ host, url, allowPrivate: 'true' });
  const registries = [entry('hub.test', registry.url), ...(isAlone ? [] : [entry('quay.test', second.url)])];
  const cache = opened.use(
    await reused.start({ url: registry.url, section: { ...section, registries }, clock: patientClock() }),
  );
  await cache.own.ask('GET', 'hub.test/app/manifests/v1');
  if (!isAlone) await cache.own.ask('GET', 'quay.test/app/manifests/v1');
  const kept = opened.move();
  return {
    cache,
    stalling: { registry, image, goOn },
    other,
    async [Symbol.asyncDispose]() {
      goOn();
      await kept.disposeAsync();
    },
  };
}

/** Asks for all layers of the upstream that stalls, and waits until as many are on their way as get room. */
async function stall({ cache, stalling }: Stage, expected: number): Promise<readonly Promise<Buffer>[]> {
  const whole = stalling.image.layers.map(async ({ digest }) => {
    const answer = await beginDownload(`${cache.own.url}/v2/hub.test/app/blobs/${digest}`);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  });
  const files = async (): Promise<number> =>
    (await readdir(join(cache.folder, 'data', 'spool'))).filter((name) => name.endsWith('.part')).length;
  for (let left = 4000; left > 0 && (await files()) < expected; left -= 1) await pause(5);
  // Some looks for room, each of which this clock makes short.
  await pause(200);
  assert.equal(await files(), expected);
  return whole;
}

const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

describe('the room of the spool', () => {
  after(() => reused[Symbol.asyncDispose]());

  test('an upstream whose blobs stall leaves another one room, and goes on where it was', async () => {
    await using stage = await openStage(false);
    const { cache, stalling, other } = stage;
    const stalled = await stall(stage, 1);
    for (const { digest, bytes } of other.layers) {
      const got = await cache.own.ask('GET', `quay.test/app/blobs/${digest}`);
      assert.deepEqual([got.status, got.body.equals(bytes)], [200, true]);
    }
    stalling.goOn();
    for (const [at, body] of (await Promise.all(stalled)).entries()) {
      assert.ok(body.equals(stalling.image.layers[at]?.bytes as Buffer));
    }
    const asked = stalling.registry.requests.filter(({ path }) => path.includes('/blobs/'));
    assert.equal(asked.length, 3);
  });

  test('an upstream that is alone takes all of it', async () => {
    await using stage = await openStage(true);
    const stalled = await stall(stage, 2);
    stage.stalling.goOn();
    await Promise.all(stalled);
  });
});
