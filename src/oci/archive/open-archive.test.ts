import assert from 'node:assert/strict';
import test from 'node:test';
import { both, defaultPlatform, gather, listed, one, two, withImage } from '../../../testing/image/archived-images.ts';
import { attestationEntry, buildIndex } from '../../../testing/image/image-builder.ts';
import { dockerArchive, layoutFiles, legacyArchive, ociArchive, tarOf } from '../../../testing/image/image-files.ts';
import type { DockerArchiveDialect, OuterCompression } from '../../../testing/image/image-files.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { readRange } from '../file-range.ts';
import type { ImageSelector } from '../image-selector.ts';
import { formatPlatform } from '../platform.ts';
import { validateImage } from '../validate/validate-image.ts';
import { openArchiveImage } from './open-archive.ts';

const outer: readonly OuterCompression[] = ['none', 'gzip', 'gzip-multi', 'zstd', 'zstd-multi'];
const dialects: readonly DockerArchiveDialect[] = ['docker', 'kaniko', 'skopeo', 'docker-25'];

for (const compression of outer) {
  for (const dialect of dialects) {
    test(`openArchiveImage() opens a ${dialect} archive, outer compression ${compression}, and it is whole`, async () => {
      await withImage(dockerArchive(listed, dialect, compression), async (opened) => {
        assert.equal(opened.imageId, one.config.digest);
        assert.deepEqual(opened.repoTags, ['one:1']);
        assert.equal(opened.manifestDigest, dialect === 'docker-25' ? one.descriptor.digest : undefined);
        assert.deepEqual(
          opened.layers.map(({ range }) => range !== undefined),
          [compression === 'none', compression === 'none'],
        );
        assert.deepEqual(await validateImage(opened), []);
      });
    });
  }
  test(`openArchiveImage() opens an OCI archive, outer compression ${compression}, and it is whole`, async () => {
    const index = buildIndex([attestationEntry(one), { content: one }]);
    const bytes = ociArchive([{ content: index, imageName: 'docker.io/library/one:1', refName: '1' }], compression);
    await withImage(bytes, async (opened) => {
      assert.equal(opened.manifestDigest, one.descriptor.digest);
      assert.deepEqual(opened.repoTags, ['one:1']);
      assert.deepEqual(await validateImage(opened), []);
    });
  });
}

test('openArchiveImage() streams the same bytes as lie in the range', async () => {
  using folder = temporaryDirectory();
  const path = folder.write('image.tar', dockerArchive(listed));
  await using opened = await openArchiveImage(path, { name: path, selector: {}, defaultPlatform });
  for (const [at, layer] of opened.layers.entries()) {
    const chunks = await gather(layer.open());
    assert.deepEqual(chunks, one.tars[at]);
    assert.deepEqual(await readRange(layer.range as NonNullable<typeof layer.range>), one.tars[at]);
  }
});

test('openArchiveImage() opens what Docker wrote before 1.10', async () => {
  await withImage(legacyArchive(one, 'old/one', '1'), async (opened) => {
    assert.deepEqual(opened.repoTags, ['old/one:1']);
    assert.deepEqual(
      opened.layers.map(({ diffId }) => diffId),
      one.diffIds,
    );
    assert.deepEqual(opened.config.env, ['A=1']);
    assert.deepEqual(await validateImage(opened), []);
  });
});

const choices: readonly (readonly [string, ImageSelector])[] = [
  ['a name', { tag: 'two:2' }],
  ['a full name', { tag: 'docker.io/library/two:latest' }],
  ['a bare tag', { tag: '2' }],
  ['the image id', { digest: two.config.digest }],
];

for (const [title, selector] of choices) {
  test(`openArchiveImage() chooses among several images by ${title}`, async () => {
    await withImage(dockerArchive(both), (opened) => assert.equal(opened.imageId, two.config.digest), selector);
  });
}

test('openArchiveImage() stops when it is aborted', async () => {
  using folder = temporaryDirectory();
  const path = folder.write('image.tar', dockerArchive(listed, 'docker', 'gzip'));
  const options = { name: path, selector: {}, defaultPlatform };
  await assert.rejects(openArchiveImage(path, options, AbortSignal.abort()), { name: 'AbortError' });
  await using opened = await openArchiveImage(path, options);
  const controller = new AbortController();
  const chunks = opened.layers[1]?.open(controller.signal)[Symbol.asyncIterator]();
  await chunks?.next();
  controller.abort();
  await assert.rejects(
    async () => {
      while ((await chunks?.next())?.done === false);
    },
    { name: 'AbortError' },
  );
});

/** What the real archives open as: platform, image id, layers, of these not there, names. */
const real: readonly (readonly [string, string, string, number, number, readonly string[]])[] = [
  ['alpine-3.10.docker-archive.tar.gz', 'linux/amd64', 'af341ccd2df8', 1, 0, ['alpine:3.10']],
  ['alpine-3.14.oci-archive.tar', 'linux/amd64', '6dff1269bc79', 1, 0, ['alpine:3.14']],
  ['alpine-3.19-npm.docker-archive.tar', 'linux/amd64', '9a815cc580e8', 4, 0, []],
  ['busybox-1.31.1.oci-archive.tar', 'linux/amd64', '2f2d4db2ef81', 1, 0, []],
  ['busybox-armv7.docker-oci-archive.tar', 'linux/arm/v7', '74c89ecc3230', 1, 0, ['busybox:latest']],
  ['busybox-attestation.oci-archive.tar', 'linux/arm64', '0f7981b59ce1', 1, 0, ['foo/bar:v3']],
  ['debian10-nginx.docker-archive.tar', 'linux/amd64', '5a3221f0137b', 4, 3, ['nginx:latest']],
  ['java-uberjar.docker-archive.tar', 'linux/amd64', 'd4ce5611c36e', 2, 0, ['java-uberjar:latest']],
  ['kaniko-busybox.tar', 'linux/amd64', 'c5003bd0bae2', 1, 0, ['kaniko-busybox:latest']],
  ['nodes-multi.oci-archive.tar', 'linux/amd64', 'c23a57443688', 2, 0, []],
];

for (const [name, platform, imageId, layers, absent, repoTags] of real) {
  test(
    `openArchiveImage() opens the real ${name}, and what is there is whole`,
    needsSharedData('images', name),
    async () => {
      const path = sharedData('images', name) as string;
      await using opened = await openArchiveImage(path, { name, selector: {}, defaultPlatform });
      assert.equal(formatPlatform(opened.platform), platform);
      assert.equal(opened.imageId.slice(7, 19), imageId);
      assert.deepEqual(opened.repoTags, repoTags);
      assert.equal(opened.layers.length, layers);
      const problems = await validateImage({ ...opened, config: { ...opened.config, diffIds: [] } });
      assert.deepEqual(
        problems.map(({ code }) => code),
        ['LAYER_COUNT_MISMATCH', ...Array.from({ length: absent }, () => 'LAYER_ABSENT')],
      );
    },
  );
}

test('tarOf() writes the files of a layout that open again', async () => {
  await withImage(tarOf(layoutFiles([{ content: two }])), (opened) => {
    assert.equal(opened.manifestDigest, two.descriptor.digest);
  });
});
