import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { attestationEntry, buildImage, buildIndex } from '../../../testing/image/image-builder.ts';
import type { BuiltImage } from '../../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../../testing/image/image-files.ts';
import type { LayoutRoot } from '../../../testing/image/image-files.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import type { Image } from '../image.ts';
import type { ImageSelector } from '../image-selector.ts';
import { parsePlatform } from '../platform.ts';
import { randomContent } from '../random/random-image.ts';
import { validateImage } from '../validate/validate-image.ts';
import { openLayoutImage } from './open-layout.ts';

const defaultPlatform = parsePlatform('linux/amd64');
const arm64 = parsePlatform('linux/arm64');

function image(name: string, platform = defaultPlatform): BuiltImage {
  return buildImage({ platform, layers: [{ tar: [file('name', name)] }, { tar: [file('b')], compression: 'none' }] });
}

function open(path: string, selector: ImageSelector = {}): Promise<Image> {
  return openLayoutImage(path, { name: 'test', selector, defaultPlatform });
}

const one = image('one');
const two = image('two');
const multi = buildIndex([{ content: one }, { content: image('arm', arm64) }, attestationEntry(one)]);

const chosen: readonly {
  title: string;
  roots: readonly LayoutRoot[];
  selector?: ImageSelector;
  expected: BuiltImage;
  repoTags?: readonly string[];
}[] = [
  { title: 'the only image', roots: [{ content: one }], expected: one },
  { title: 'the image of an index', roots: [{ content: multi, refName: '1' }], expected: one },
  {
    title: 'an image by its tag',
    roots: [
      { content: one, refName: '1' },
      { content: two, refName: '2' },
    ],
    selector: { tag: '2' },
    expected: two,
  },
  {
    title: "an image by containerd's name",
    roots: [
      { content: one, imageName: 'docker.io/library/x:1' },
      { content: two, imageName: 'docker.io/library/y:1' },
    ],
    selector: { tag: 'y:1' },
    expected: two,
    repoTags: ['y:1'],
  },
  {
    title: 'an image by its digest',
    roots: [{ content: one }, { content: two }],
    selector: { digest: two.descriptor.digest },
    expected: two,
  },
  {
    title: 'a manifest within an index by its digest',
    roots: [{ content: multi }, { content: two }],
    selector: { digest: one.descriptor.digest },
    expected: one,
  },
  {
    title: 'one image under two tags',
    roots: [
      { content: one, imageName: 'x:1' },
      { content: one, imageName: 'x:2' },
    ],
    expected: one,
    repoTags: ['x:1', 'x:2'],
  },
  {
    title: 'the platform among entries without a name',
    roots: [{ content: image('arm', arm64) }, { content: two }],
    expected: two,
  },
  {
    title: 'the platform among entries of one name',
    roots: [
      { content: image('arm', arm64), imageName: 'x:1' },
      { content: two, imageName: 'x:1' },
    ],
    expected: two,
    repoTags: ['x:1'],
  },
];

for (const { title, roots, selector, expected, repoTags = [] } of chosen) {
  test(`openLayoutImage() opens ${title}`, async () => {
    using directory = temporaryDirectory();
    writeFiles(directory.path, layoutFiles(roots));
    await using opened = await open(directory.path, selector);
    assert.equal(opened.manifestDigest, expected.descriptor.digest);
    assert.deepEqual(opened.repoTags, repoTags);
    assert.deepEqual(await validateImage(opened), []);
    assert.deepEqual(
      opened.layers.map(({ range }) => range?.length),
      expected.layers.map(({ size }) => size),
    );
  });
}

const refused: readonly {
  title: string;
  roots?: readonly LayoutRoot[];
  selector?: ImageSelector;
  damage?: (path: string) => void;
  code: string;
  message?: RegExp;
}[] = [
  {
    title: 'several images without a choice, listing the choices',
    roots: [
      { content: one, refName: '1' },
      { content: two, refName: '2' },
    ],
    code: 'IMAGE_AMBIGUOUS',
    message: /2 images here.*:1, :2$/,
  },
  {
    title: 'images of one name, listing their digests',
    roots: [
      { content: one, refName: '1' },
      { content: two, refName: '1' },
    ],
    selector: { tag: '1' },
    code: 'IMAGE_AMBIGUOUS',
    message: new RegExp(`@${one.descriptor.digest}, @${two.descriptor.digest}$`),
  },
  {
    title: 'a tag that is not there',
    roots: [{ content: one, refName: '1' }],
    selector: { tag: '2' },
    code: 'IMAGE_NOT_FOUND',
    message: /no image :2 here; there is :1$/,
  },
  {
    title: 'a digest that is not there',
    selector: { digest: `sha256:${'0'.repeat(64)}` as never },
    code: 'IMAGE_NOT_FOUND',
  },
  { title: 'an empty layout', roots: [], code: 'IMAGE_NOT_FOUND' },
  { title: 'a folder without an index', damage: (path) => rmSync(join(path, 'index.json')), code: 'LAYOUT_INVALID' },
  {
    title: 'an index that is no JSON',
    damage: (path) => writeFileSync(join(path, 'index.json'), '{'),
    code: 'LAYOUT_INVALID',
  },
  {
    title: 'an index with a path for a digest',
    damage: (path) =>
      writeFileSync(join(path, 'index.json'), '{"manifests":[{"digest":"sha256:../../../etc/passwd","size":1}]}'),
    code: 'LAYOUT_INVALID',
  },
  {
    title: 'a later version of the layout',
    damage: (path) => writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}'),
    code: 'LAYOUT_INVALID',
  },
  {
    title: 'a layout without its blobs',
    damage: (path) => rmSync(join(path, 'blobs'), { recursive: true }),
    code: 'BLOB_UNKNOWN',
  },
  {
    title: 'a truncated config',
    damage: (path) => truncateSync(blob(path, one.config.digest), 10),
    code: 'SIZE_MISMATCH',
  },
  {
    title: 'a swapped config',
    damage: (path) => writeFileSync(blob(path, one.config.digest), Buffer.alloc(one.config.size, 0x20)),
    code: 'DIGEST_MISMATCH',
  },
  {
    title: 'a pipe in the place of a manifest',
    damage: (path) => {
      rmSync(blob(path, one.descriptor.digest));
      execFileSync('sh', ['-c', 'mkfifo "$0"', blob(path, one.descriptor.digest)]);
    },
    code: 'BLOB_UNKNOWN',
  },
];

function blob(path: string, digest: string): string {
  return join(path, 'blobs', digest.replace(':', '/'));
}

for (const { title, roots = [{ content: one }], selector, damage, code, message = /./ } of refused) {
  test(`openLayoutImage() refuses ${title}`, async () => {
    using directory = temporaryDirectory();
    writeFiles(directory.path, layoutFiles(roots));
    damage?.(directory.path);
    await assert.rejects(open(directory.path, selector), { name: 'OciError', code, message });
  });
}

test('openLayoutImage() opens a random image that was written by hand', async () => {
  using directory = temporaryDirectory();
  const { root, blobs } = randomContent({ seed: 'layout' });
  writeFiles(directory.path, layoutFiles([{ content: { descriptor: root, blobs } }]));
  await using opened = await open(directory.path);
  assert.equal(opened.manifestDigest, root.digest);
  assert.deepEqual(await validateImage(opened), []);
});

test('openLayoutImage() refuses a folder that is not there', async () => {
  await assert.rejects(open('/nonexistent/layout'), { code: 'IMAGE_NOT_FOUND' });
});

test('openLayoutImage() marks a layer whose blob is missing', async () => {
  using directory = temporaryDirectory();
  writeFiles(directory.path, layoutFiles([{ content: one }]));
  rmSync(blob(directory.path, (one.layers[0] as { digest: string }).digest));
  await using opened = await open(directory.path);
  assert.deepEqual(
    opened.layers.map(({ absent }) => absent),
    ['missing', undefined],
  );
});

const skip = existsSync('/proc/self/fd') ? false : 'this system does not list open files';

test('openLayoutImage() closes the files of layers with the image', { skip }, async () => {
  using directory = temporaryDirectory();
  writeFiles(directory.path, layoutFiles([{ content: one }]));
  const openFiles = (): number =>
    readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`).startsWith(directory.path)).length;
  const opened = await open(directory.path);
  assert.equal(openFiles(), 2);
  await opened[Symbol.asyncDispose]();
  assert.equal(openFiles(), 0);
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
