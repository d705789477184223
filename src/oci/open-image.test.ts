import assert from 'node:assert/strict';
import test from 'node:test';
import { attestationEntry, buildImage, buildIndex, encode } from '../../testing/image/image-builder.ts';
import type { BuiltContent, ImageInput, IndexEntry } from '../../testing/image/image-builder.ts';
import { file } from '../../testing/image/tar-writer.ts';
import type { Digest } from './digest.ts';
import type { Image } from './image.ts';
import { openImage } from './open-image.ts';
import { formatPlatform, parsePlatform } from './platform.ts';
import { memorySource } from './random/random-image.ts';
import { validateImage } from './validate/validate-image.ts';

const amd64 = parsePlatform('linux/amd64');

interface Options {
  readonly platform?: string;
  readonly lacking?: readonly Digest[];
  readonly onDispose?: () => void;
}

function open(content: BuiltContent, { platform, lacking = [], onDispose }: Options = {}): Promise<Image> {
  const blobs = new Map(content.blobs);
  for (const digest of lacking) blobs.delete(digest);
  return openImage(memorySource(blobs), content.descriptor, {
    name: 'test',
    ...(platform ? { platform: parsePlatform(platform) } : {}),
    defaultPlatform: amd64,
    repoTags: ['a:b'],
    repoDigests: [],
    dispose: () => Promise.resolve(onDispose?.()),
  });
}

function image(platform: string, more: Partial<ImageInput> = {}): ReturnType<typeof buildImage> {
  return buildImage({ platform: parsePlatform(platform), layers: [{ tar: [file('for', platform)] }], ...more });
}

function entries(...platforms: readonly string[]): readonly IndexEntry[] {
  return platforms.map((platform) => ({ content: image(platform) }));
}

const variants: readonly { title: string; input: ImageInput }[] = [
  {
    title: 'OCI layers of every compression',
    input: {
      layers: (['none', 'gzip', 'gzip-multi', 'zstd', 'zstd-multi'] as const).map((compression) => ({
        tar: [file(compression, compression.repeat(1000))],
        compression,
      })),
    },
  },
  {
    title: 'schema 2',
    input: { docker: true, layers: [{ tar: [file('a')] }, { tar: [file('b')], compression: 'zstd' }] },
  },
  { title: 'no layers', input: { layers: [] } },
  {
    title: 'the media type that BuildKit wrote for zstd',
    input: {
      layers: [{ tar: [file('a')], compression: 'zstd', mediaType: 'application/vnd.oci.image.layer.v1.tar.zstd' }],
    },
  },
];

for (const { title, input } of variants) {
  test(`openImage() opens an image with ${title}, and it is whole`, async () => {
    const built = buildImage(input);
    await using opened = await open(built);
    assert.equal(opened.manifestDigest, built.descriptor.digest);
    assert.equal(opened.imageId, built.config.digest);
    assert.deepEqual(opened.repoTags, ['a:b']);
    assert.deepEqual(await validateImage(opened), []);
  });
}

/** The platforms in the index, the one asked for, the one that is opened. */
const choices: readonly (readonly [readonly string[], string | undefined, string])[] = [
  [['linux/arm64', 'linux/amd64'], undefined, 'linux/amd64'],
  [['linux/arm64', 'linux/amd64'], 'linux/arm64', 'linux/arm64'],
  [['linux/arm/v5', 'linux/arm/v6'], 'linux/arm/v7', 'linux/arm/v6'],
  [['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v3'], 'linux/amd64/v2', 'linux/amd64/v2'],
  [['windows/amd64', 'linux/amd64'], undefined, 'linux/amd64'],
  [['linux/arm64'], undefined, 'linux/arm64'],
];

for (const [platforms, asked, expected] of choices) {
  test(`openImage() takes ${expected} of ${platforms.join(', ')} when asked for ${asked ?? 'nothing'}`, async () => {
    await using opened = await open(buildIndex(entries(...platforms)), asked ? { platform: asked } : {});
    assert.equal(formatPlatform(opened.platform), expected);
  });
}

test('openImage() passes over attestations, in nested indexes too', async () => {
  const wanted = image('linux/amd64');
  const inner = buildIndex([attestationEntry(wanted), { content: wanted }]);
  const outer = buildIndex([{ content: image('linux/arm64') }, { content: inner }], { docker: true });
  await using opened = await open(outer);
  assert.equal(opened.manifestDigest, wanted.descriptor.digest);
});

test('openImage() reads the config of entries that do not tell their platform', async () => {
  const index = buildIndex(entries('linux/arm64', 'linux/amd64').map((entry) => ({ ...entry, platform: null })));
  await using opened = await open(index);
  assert.equal(formatPlatform(opened.platform), 'linux/amd64');
});

test('openImage() takes the word of an index for a variant that the config leaves out', async () => {
  const content = image('linux/arm/v6', { config: { variant: undefined } });
  const index = buildIndex([{ content, platform: parsePlatform('linux/arm/v6') }]);
  await using opened = await open(index, { platform: 'linux/arm/v6' });
  assert.equal(opened.manifestDigest, content.descriptor.digest);
});

test('openImage() passes over images whose content is not there', async () => {
  const [arm, amd] = entries('linux/arm64', 'linux/amd64') as [IndexEntry, IndexEntry];
  const index = buildIndex([arm, amd]);
  await using opened = await open(index, { lacking: [amd.content.descriptor.digest] });
  assert.equal(formatPlatform(opened.platform), 'linux/arm64');
});

test('openImage() marks foreign and missing layers, and does not open them', async () => {
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
  const built = buildImage({
    layers: [
      { tar: [file('a')], mediaType: foreign, urls: ['https://example.com/a'] },
      { tar: [file('b')] },
      { tar: [file('c')] },
    ],
  });
  const lacking = built.layers.slice(0, 2).map(({ digest }) => digest);
  await using opened = await open(built, { lacking });
  assert.deepEqual(
    opened.layers.map(({ absent }) => absent),
    ['foreign', 'missing', undefined],
  );
  for (const layer of opened.layers.slice(0, 2)) assert.throws(() => layer.open(), { code: 'BLOB_UNKNOWN' });
});

function nested(depth: number): BuiltContent {
  let content: BuiltContent = buildIndex(entries('linux/amd64', 'linux/arm64'));
  for (let at = 1; at < depth; at += 1) content = buildIndex([{ content }]);
  return content;
}

const artifact = (mediaType: string): BuiltContent =>
  buildImage({ layers: [], manifest: { config: { mediaType, digest: `sha256:${'0'.repeat(64)}`, size: 2 } } });

const refused: readonly { title: string; content: BuiltContent; options?: Options; code: string; message?: RegExp }[] =
  [
    {
      title: 'a platform that the index lacks, listing those it has',
      content: buildIndex([...entries('linux/arm64', 'linux/arm/v7'), attestationEntry(image('linux/arm64'))]),
      code: 'PLATFORM_UNAVAILABLE',
      message: /linux\/amd64: it has linux\/arm64, linux\/arm\/v7;/,
    },
    {
      title: 'an index of nothing but attestations',
      content: buildIndex([attestationEntry(image('linux/amd64'))]),
      code: 'PLATFORM_UNAVAILABLE',
      message: /no image at all/,
    },
    {
      title: 'a single image of another platform than asked for',
      content: image('linux/arm64'),
      options: { platform: 'linux/amd64' },
      code: 'PLATFORM_UNAVAILABLE',
    },
    {
      title: 'an index that calls an image what it is not',
      content: buildIndex([{ content: image('linux/arm64'), platform: amd64 }]),
      options: { platform: 'linux/amd64' },
      code: 'PLATFORM_UNAVAILABLE',
    },
    { title: 'indexes nested too deep', content: nested(5), code: 'LIMIT_EXCEEDED' },
    {
      title: 'more layers than diffIDs',
      content: image('linux/amd64', { config: { rootfs: { type: 'layers', diff_ids: [] } } }),
      code: 'MANIFEST_INVALID',
    },
    {
      title: 'a damaged config',
      content: image('linux/amd64', { config: { rootfs: { type: 'other' } } }),
      code: 'CONFIG_INVALID',
    },
    {
      title: 'a Helm chart',
      content: artifact('application/vnd.cncf.helm.config.v1+json'),
      code: 'MANIFEST_UNSUPPORTED',
      message: /Helm/,
    },
    {
      title: 'a WebAssembly module',
      content: artifact('application/vnd.wasm.config.v1+json'),
      code: 'MANIFEST_UNSUPPORTED',
      message: /WebAssembly/,
    },
    {
      title: 'an AI model',
      content: artifact('application/vnd.docker.ai.model.config.v0.1+json'),
      code: 'MANIFEST_UNSUPPORTED',
      message: /AI model/,
    },
    { title: 'an artifact', content: artifact('application/vnd.oci.empty.v1+json'), code: 'MANIFEST_UNSUPPORTED' },
    { title: 'an attestation', content: attestationEntry(image('linux/amd64')).content, code: 'MANIFEST_UNSUPPORTED' },
    {
      title: 'encrypted layers',
      content: image('linux/amd64', {
        layers: [{ tar: [file('a')], mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted' }],
      }),
      code: 'MANIFEST_UNSUPPORTED',
      message: /encrypted/,
    },
  ];

for (const { title, content, options, code, message } of refused) {
  test(`openImage() refuses ${title}, and disposes`, async () => {
    let disposed = 0;
    const onDispose = (): void => {
      disposed += 1;
    };
    await assert.rejects(open(content, { ...options, onDispose }), { name: 'OciError', code, message: message ?? /./ });
    assert.equal(disposed, 1);
  });
}

test('openImage() refuses content that is not what its digest says', async () => {
  const built = image('linux/amd64');
  const blobs = new Map(built.blobs);
  blobs.set(built.config.digest, encode({ os: 'linux' }));
  await assert.rejects(open({ ...built, blobs }), { code: 'SIZE_MISMATCH' });
  const swapped = Buffer.from(built.blobs.get(built.config.digest) as Buffer);
  swapped[10] = 0x20;
  blobs.set(built.config.digest, swapped);
  await assert.rejects(open({ ...built, blobs }), { code: 'DIGEST_MISMATCH' });
});

test('openImage() disposes once, however often the image is closed', async () => {
  let disposed = 0;
  const opened = await open(image('linux/amd64'), { onDispose: () => (disposed += 1) });
  await opened[Symbol.asyncDispose]();
  await opened[Symbol.asyncDispose]();
  assert.equal(disposed, 1);
});
