import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Digest } from '../digest.ts';
import type { Image, Layer } from '../image.ts';
import { randomImage } from '../random/random-image.ts';
import { validateImage } from './validate-image.ts';

test('randomImage() makes an image that validateImage() finds whole', async () => {
  await using image = await randomImage({ seed: 'whole', layers: 3, files: 2, fileBytes: 700 });
  assert.deepEqual(await validateImage(image), []);
  assert.equal(image.layers.length, 3);
});

test('randomImage() makes the same image of the same seed', async () => {
  const ids = await Promise.all(['a', 'a', 'b'].map(async (seed) => (await randomImage({ seed })).manifestDigest));
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
});

const otherDigest = `sha256:${'0'.repeat(64)}` as Digest;

function withLayer(image: Image, change: Partial<Layer>): Image {
  const [first, ...others] = image.layers;
  return { ...image, layers: [{ ...(first as Layer), ...change }, ...others] };
}

function bytes(stored: Buffer): Partial<Layer> {
  return {
    async *open() {
      yield await Promise.resolve(stored);
    },
  };
}

const cases: readonly { title: string; break: (image: Image) => Image; codes: readonly string[] }[] = [
  {
    title: 'a config of another digest',
    break: (image) => ({ ...image, imageId: otherDigest }),
    codes: ['CONFIG_DIGEST_MISMATCH'],
  },
  {
    title: 'a layer too many',
    break: (image) => ({ ...image, layers: [...image.layers, image.layers[0] as Layer] }),
    codes: ['LAYER_COUNT_MISMATCH'],
  },
  {
    title: 'swapped layers',
    break: (image) => ({ ...image, layers: image.layers.toReversed() }),
    codes: ['LAYER_ORDER_MISMATCH', 'LAYER_ORDER_MISMATCH'],
  },
  {
    title: 'a missing layer',
    break: (image) => withLayer(image, { absent: 'missing' }),
    codes: ['LAYER_ABSENT'],
  },
  {
    title: 'other bytes under the same promises',
    break: (image) => withLayer(image, bytes(gzipSync('other'))),
    codes: ['LAYER_SIZE_MISMATCH', 'LAYER_DIGEST_MISMATCH', 'LAYER_DIFF_ID_MISMATCH'],
  },
  {
    title: 'a truncated layer',
    break: (image) => withLayer(image, bytes(gzipSync('other').subarray(0, 20))),
    codes: ['LAYER_UNREADABLE'],
  },
];

for (const { title, break: breakImage, codes } of cases) {
  test(`validateImage() reports ${title}`, async () => {
    await using image = await randomImage({ seed: 'broken' });
    const problems = await validateImage(breakImage(image));
    assert.deepEqual(
      problems.map(({ code }) => code),
      codes,
    );
  });
}
