import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { manualClock } from '../../../testing/store/manual-clock.ts';
import type { Digest } from '../../oci/digest.ts';
import { RegistryError } from '../error.ts';
import type { FoundBlob } from '../pipeline/origin.ts';
import { scanningLimits } from '../scanning/limits.ts';
import { FetchAhead } from './fetch-ahead.ts';
import { gateLimits } from './limits.ts';

const { aheadImages, aheadMost, aheadWaiting, aheadLook } = gateLimits;
const { paceTime } = scanningLimits;

/** An upstream whose layers come, or stall, as a test says. */
interface Upstream {
  readonly ahead: FetchAhead;
  /** Numbers of the images of which a layer was asked for, in order. */
  readonly begun: number[];
  /** Numbers of the images that it told of. */
  readonly stalled: number[];
  ask(from: number, to: number): void;
  /** Lets all of an image come. */
  come(image: number): Promise<void>;
  /** Says for how long nothing has come of those on their way. */
  slowFor: (image: number) => number | undefined;
  /** Lets so many looks pass. */
  pass(looks: number): Promise<void>;
}

const digestOf = (image: number): Digest => `sha256:${image.toString(16).padStart(64, '0')}` as Digest;
const imageOf = (digest: Digest): number => Number.parseInt(digest.slice('sha256:'.length), 16);
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function openUpstream(): Upstream {
  const clock = manualClock(0);
  const begun: number[] = [];
  const coming = new Map<number, PromiseWithResolvers<void>>();
  const findBlob = (_: string, digest: Digest): Promise<FoundBlob> => {
    const image = imageOf(digest);
    const slow = upstream.slowFor(image);
    return Promise.resolve({
      size: 100,
      isStored: false,
      ...(slow === undefined ? {} : { slowFor: slow }),
      open: async () => {
        begun.push(image);
        const whole = Promise.withResolvers<void>();
        coming.set(image, whole);
        await whole.promise;
        throw new RegistryError('UNAVAILABLE', 'It came, or broke off: the end of it is all the same here');
      },
      keep: () => Promise.resolve(),
    });
  };
  const stalled: number[] = [];
  const ahead = new FetchAhead({ findBlob }, clock, (digest) => {
    stalled.push(imageOf(digest));
    return Promise.resolve();
  });
  const upstream: Upstream = {
    ahead,
    begun,
    stalled,
    slowFor: () => 0,
    ask(from, to) {
      for (let image = from; image < to; image += 1) {
        ahead.begin('hub.test/app', digestOf(image), [{ mediaType: 'a/b', digest: digestOf(image), size: 100 }]);
      }
    },
    async come(image) {
      coming.get(image)?.resolve();
      await settle();
    },
    async pass(looks) {
      for (let left = looks; left > 0; left -= 1) {
        await clock.advance(aheadLook);
        await settle();
      }
    },
  };
  return upstream;
}

const numbers = (to: number): readonly number[] => Array.from({ length: to }, (_, at) => at);

test('FetchAhead fetches images in turn, each once, and the next when one has come', async () => {
  const upstream = openUpstream();
  upstream.ask(0, aheadImages + 2);
  upstream.ask(0, aheadImages + 2);
  await settle();
  assert.deepEqual(upstream.begun, numbers(aheadImages));
  await upstream.pass(paceTime / aheadLook + 1);
  assert.equal(upstream.begun.length, aheadImages);
  await upstream.come(3);
  assert.deepEqual(upstream.begun, numbers(aheadImages + 1));
  await upstream.come(4);
  assert.deepEqual(upstream.begun, numbers(aheadImages + 2));
  // What has come may be asked for again.
  upstream.ask(3, 4);
  await upstream.come(5);
  assert.equal(upstream.begun.at(-1), 3);
});

test('FetchAhead lends the place of an image that has stalled, and of no other', async () => {
  const upstream = openUpstream();
  upstream.ask(0, aheadImages * 3);
  await settle();
  upstream.slowFor = (image) => (image === 7 ? paceTime : image === 8 ? paceTime - 1 : undefined);
  await upstream.pass(2);
  assert.deepEqual(upstream.begun, numbers(aheadImages + 1));
  assert.deepEqual(upstream.stalled, [7]);
  // It is not counted twice when it ends.
  await upstream.come(7);
  assert.deepEqual(upstream.begun, numbers(aheadImages + 1));
  upstream.slowFor = () => paceTime;
  await upstream.pass(1);
  assert.deepEqual(upstream.begun, numbers(aheadImages * 2 + 1));
  assert.deepEqual(
    upstream.stalled.toSorted((a, b) => a - b),
    numbers(aheadImages + 1),
  );
});

test('FetchAhead fetches no more images than may be, and remembers no more', async () => {
  const upstream = openUpstream();
  upstream.slowFor = () => paceTime;
  upstream.ask(0, aheadImages + aheadWaiting + 1);
  await settle();
  await upstream.pass(aheadMost / aheadImages + 2);
  assert.deepEqual(upstream.begun, numbers(aheadMost));
  for (let image = 0; image < aheadImages + aheadWaiting; image += 1) {
    await upstream.come(image);
  }
  assert.deepEqual(upstream.begun, numbers(aheadImages + aheadWaiting));
});

test('FetchAhead remembers no more of an image that waits than what it fetches by', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const upstream = openUpstream();
  upstream.ask(0, aheadImages);
  const begin = (): WeakRef<object> => {
    const annotations = { title: 'a'.repeat(1000) };
    const layer = { mediaType: 'a/b', digest: digestOf(aheadImages), size: 100, annotations };
    upstream.ahead.begin('hub.test/app', layer.digest, [layer]);
    return new WeakRef(annotations);
  };
  const annotations = begin();
  await settle();
  collect();
  assert.equal(annotations.deref(), undefined);
  await upstream.come(0);
  assert.equal(upstream.begun.at(-1), aheadImages);
});
