import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { beginDownload, readSome } from '../../../testing/registry/begun-download.ts';
import { forwardClock } from '../../../testing/registry/forward-clock.ts';
import { manualClock } from '../../../testing/manual-clock.ts';
import { putImage } from '../../../testing/registry/own-cache.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { systemClock } from '../../net/clock.ts';
import { type BlobPlace, BlobPlaces } from './blob-places.ts';
import { upstreamLimits } from './limits.ts';

const reused = reuseRegistry();

/** Places, and blobs that hold theirs until they are ended. */
function openPlaces(width: number) {
  const clock = manualClock(0);
  const places = new BlobPlaces(width, clock);
  const begun: { readonly place: BlobPlace; readonly end: () => void }[] = [];
  const ask = (): void => {
    void places.run(async (place) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      begun.push({ place, end: resolve });
      await promise;
    });
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  /** Lets so much time pass, in which something is done again and again. */
  const pass = async (milliseconds: number, meanwhile: () => void = () => undefined): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= upstreamLimits.placeLook) {
      meanwhile();
      await clock.tick();
      await settle();
    }
  };
  return { begun, ask, pass, settle };
}

const { placeTime, placeBytes, placeLook, placesLent } = upstreamLimits;

test('BlobPlaces gives places in turn, and none of a blob that comes', async () => {
  const { begun, ask, pass, settle } = openPlaces(2);
  for (let at = 0; at < 4; at += 1) ask();
  await settle();
  assert.equal(begun.length, 2);
  const least = (placeBytes * placeLook) / placeTime;
  await pass(placeTime * 3, () => begun.forEach(({ place }) => place.came(least * 1.2)));
  assert.equal(begun.length, 2);
  begun[0]?.end();
  await settle();
  assert.equal(begun.length, 3);
});

test('BlobPlaces lends the place of a blob that stalls or drips, until it comes again', async () => {
  const { begun, ask, pass, settle } = openPlaces(2);
  for (let at = 0; at < 4; at += 1) ask();
  await settle();
  const comes = (at: number, bytes: number): void => begun[at]?.place.came(bytes);
  const both = (): void => {
    comes(0, 100);
    comes(1, placeBytes);
  };
  await pass(placeTime - placeLook, both);
  assert.equal(begun.length, 2);
  await pass(placeLook * 2, both);
  assert.equal(begun.length, 3);
  // The first one counts again, so that three are under way, and the end of one of them is no place for another.
  comes(0, placeBytes);
  begun[2]?.end();
  await pass(placeLook * 2, () => [0, 1].forEach((at) => comes(at, placeBytes)));
  assert.equal(begun.length, 3);
  begun[1]?.end();
  await settle();
  assert.equal(begun.length, 4);
});

test('BlobPlaces has no more under way than may be lent', async () => {
  const { begun, ask, pass } = openPlaces(2);
  const most = 2 * (1 + placesLent);
  for (let at = 0; at < most + 2; at += 1) ask();
  await pass(placeTime * (placesLent + 4));
  assert.equal(begun.length, most);
});

describe('blobs of one upstream', () => {
  after(() => reused[Symbol.asyncDispose]());

  test('those that stall keep nobody from others, and come whole when they go on', async () => {
    await using upstream = await startTestRegistry();
    const { promise: event, resolve: goOn } = Promise.withResolvers<void>();
    const width = 2;
    const stalled = Array.from({ length: width }, (_, at) => putImage(upstream.store, `slow/${at}`, 'v1', [300_000]));
    const sound = putImage(upstream.store, 'team/app', 'v1', [300_000]);
    const layers = stalled.map(({ layers: [layer] }) => layer as NonNullable<typeof layer>);
    for (const { digest } of layers) upstream.faults.add({ kind: 'until', path: digest, after: 200_000, event });
    const clock = forwardClock((milliseconds, signal) => systemClock.sleep(Math.min(milliseconds, 5), signal));
    await using cache = await reused.start({ url: upstream.url, settings: { width: String(width) }, clock });
    const begin = async (repository: string, digest: string | undefined) => {
      await cache.own.ask('GET', `hub.test/${repository}/manifests/v1`);
      return beginDownload(`${cache.own.url}/v2/hub.test/${repository}/blobs/${digest}`);
    };
    const slow = await Promise.all(layers.map(({ digest }, at) => begin(`slow/${at}`, digest)));
    const starts = await Promise.all(slow.map((answer) => readSome(answer, 1000)));
    const other = begin('team/app', sound.layers[0]?.digest);
    const early = await Promise.race([other, systemClock.sleep(100)]);
    assert.equal(early, undefined);
    clock.ahead += placeTime;
    const answer = await other;
    assert.equal(answer.statusCode, 200);
    assert.ok((await readSome(answer, 300_000)).equals(sound.layers[0]?.bytes as Buffer));
    goOn();
    for (const [at, one] of slow.entries()) {
      const start = starts[at] as Buffer;
      const whole = Buffer.concat([start, await readSome(one, 300_000 - start.length)]);
      assert.ok(whole.equals(layers[at]?.bytes as Buffer));
    }
  });

  test('those that stall take no room in the spool while they wait for a place, so that others have it', async () => {
    await using upstream = await startTestRegistry();
    await using other = await startTestRegistry();
    const size = 600_000;
    const stalled = putImage(upstream.store, 'team/app', 'v1', Array<number>(8).fill(size));
    // With those that have a place there is room for it, and with all that wait there were none.
    const sound = putImage(other.store, 'team/app', 'v1', [10 * size]);
    const { promise: event, resolve: goOn } = Promise.withResolvers<void>();
    for (const { digest } of stalled.layers)
      upstream.faults.add({ kind: 'until', path: digest, after: 200_000, event });
    const clock = forwardClock((milliseconds, signal) => systemClock.sleep(Math.min(milliseconds, 5), signal));
    const most = 1 + placesLent;
    const registries = [
      { host: 'hub.test', url: upstream.url, allowPrivate: 'true', width: '1' },
      { host: 'other.test', url: other.url, allowPrivate: 'true' },
    ];
    const section = { registries, spool: { maxBytes: String(16 * size) } };
    await using cache = await reused.start({ url: upstream.url, section, clock });
    for (const host of ['hub.test', 'other.test']) await cache.own.ask('GET', `${host}/team/app/manifests/v1`);
    const get = (host: string, digest: string | undefined) => cache.own.ask('GET', `${host}/team/app/blobs/${digest}`);
    const slow = stalled.layers.map(({ digest }) => get('hub.test', digest));
    const received = 'upstream_received_bytes_total{upstream="hub.test"}';
    for (let begun = 1; begun <= most; begun += 1) {
      while ((await cache.metric(received)) < begun * 200_000) await systemClock.sleep(5);
      // Those that are on their way have stalled now, and lend their places.
      clock.ahead += placeTime;
    }
    const { status, body } = await get('other.test', sound.layers[0]?.digest);
    assert.equal(status, 200, body.toString().slice(0, 200));
    assert.ok(body.equals(sound.layers[0]?.bytes as Buffer));
    goOn();
    for (const [at, answer] of (await Promise.all(slow)).entries()) {
      assert.ok(answer.body.equals(stalled.layers[at]?.bytes as Buffer));
    }
  });
});
