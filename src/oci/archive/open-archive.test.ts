import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { attestationEntry, buildImage, buildIndex, encode } from '../../../testing/image/image-builder.ts';
import type { BuiltImage } from '../../../testing/image/image-builder.ts';
import {
  compressArchive,
  dockerArchive,
  dockerArchiveEntries,
  layoutFiles,
  legacyArchive,
  ociArchive,
  tarOf,
} from '../../../testing/image/image-files.ts';
import type { ArchivedImage, DockerArchiveDialect, OuterCompression } from '../../../testing/image/image-files.ts';
import { directory, file, hardlink, symlink, writeTar } from '../../../testing/image/tar-writer.ts';
import type { TarEntry } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { readRange } from '../file-range.ts';
import type { Image } from '../image.ts';
import type { ImageSelector } from '../image-selector.ts';
import { formatPlatform, parsePlatform } from '../platform.ts';
import { validateImage } from '../validate/validate-image.ts';
import { openArchiveImage } from './open-archive.ts';

const defaultPlatform = parsePlatform('linux/amd64');

function image(name: string): BuiltImage {
  return buildImage({ layers: [{ tar: [file('name', name)] }, { tar: [file('big', Buffer.alloc(1 << 21, name))] }] });
}

const one = image('one');
const two = image('two');
const listed: readonly ArchivedImage[] = [{ image: one, repoTags: ['one:1'] }];
const both: readonly ArchivedImage[] = [...listed, { image: two, repoTags: ['two:2', 'two:latest'] }];

/** Writes an archive, opens it, looks, closes it. */
async function withImage(
  bytes: Buffer,
  look: (opened: Image) => Promise<void> | void,
  selector: ImageSelector = {},
): Promise<void> {
  using folder = temporaryDirectory();
  const path = folder.write('image.tar', bytes);
  await using opened = await openArchiveImage(path, { name: path, selector, defaultPlatform });
  await look(opened);
}

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

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

function entriesOf(dialect: DockerArchiveDialect, change: (entries: TarEntry[]) => TarEntry[]): Buffer {
  return writeTar(change(dockerArchiveEntries(listed, dialect)));
}

function replace(name: RegExp, make: (entry: TarEntry) => TarEntry): (entries: TarEntry[]) => TarEntry[] {
  return (entries) => entries.map((entry) => (name.test(entry.name) ? make(entry) : entry));
}

const layerName = `${(one.diffIds[0] as string).slice(7)}/layer.tar`;

/** Odd archives that open all the same. */
const odd: readonly (readonly [string, Buffer])[] = [
  [
    'names that start with ./',
    entriesOf('docker', (entries) => entries.map((entry) => ({ ...entry, name: `./${entry.name}` }))),
  ],
  [
    'names that start with /',
    entriesOf('docker', (entries) => entries.map((entry) => ({ ...entry, name: `/${entry.name}` }))),
  ],
  ['folders', entriesOf('docker', (entries) => [directory('x/'), ...entries])],
  [
    'PAX names and sizes',
    entriesOf('docker', (entries) => entries.map((entry) => ({ ...entry, forceExtension: true }))),
  ],
  [
    'GNU names and base-256 sizes',
    entriesOf('docker', (entries) =>
      entries.map((entry) => ({ ...entry, forceExtension: true, base256Size: true, dialect: 'gnu' })),
    ),
  ],
  [
    'a layer behind an absolute symlink',
    entriesOf('docker', (entries) => [
      ...replace(/^$/, (entry) => entry)(entries).filter(({ name }) => name !== layerName),
      file('blobs/first', one.tars[0]),
      symlink(layerName, '/blobs/first'),
    ]),
  ],
  [
    'a layer behind a hard link',
    entriesOf('docker', (entries) => [
      file('first', one.tars[0]),
      ...replace(new RegExp(`^${layerName}$`), ({ name }) => hardlink(name, 'first'))(entries),
    ]),
  ],
  [
    'an earlier list that a later one replaces',
    entriesOf('docker', (entries) => [file('manifest.json', '[]'), ...entries]),
  ],
  ['no end mark', writeTar(dockerArchiveEntries(listed, 'docker'), { trailer: false })],
  [
    'a layout that lacks its blobs',
    writeTar([
      file('index.json', layoutFiles([{ content: two }]).get('index.json')),
      ...dockerArchiveEntries(listed, 'docker'),
    ]),
  ],
  [
    'a layout that is damaged',
    entriesOf(
      'docker-25',
      replace(/^index\.json$/, ({ name }) => file(name, '{}x')),
    ),
  ],
];

for (const [title, bytes] of odd) {
  test(`openArchiveImage() opens an archive with ${title}`, async () => {
    await withImage(bytes, async (opened) => {
      assert.equal(opened.imageId, one.config.digest);
      assert.deepEqual(await validateImage(opened), []);
    });
  });
}

test('openArchiveImage() reports the layers that a trimmed archive lacks, and reads those it has', async () => {
  const squashed = file(layerName, one.tars[0]);
  const config = one.blobs.get(one.config.digest);
  const other = writeTar([file('squashed')]);
  const bytes = writeTar([
    squashed,
    file('other.tar', other),
    file('three.tar', other),
    file('config.json', config),
    file(
      'manifest.json',
      encode([{ Config: 'config.json', RepoTags: null, Layers: [layerName, 'other.tar', 'three.tar'] }]),
    ),
  ]);
  await withImage(bytes, async (opened) => {
    assert.deepEqual(
      opened.layers.map(({ absent }) => absent),
      [undefined, 'missing', undefined, undefined],
    );
    assert.equal(opened.layers[0]?.diffId, one.diffIds[0]);
    for (const layer of opened.layers.filter(({ absent }) => absent === undefined)) {
      assert.ok((await gather(layer.open())).length > 0);
    }
  });
});

test('openArchiveImage() shortens the full names that Podman writes', async () => {
  const repoTags = ['docker.io/library/one:1', 'localhost/one:1', 'not a name'];
  await withImage(dockerArchive([{ image: one, repoTags }]), (opened) => {
    assert.deepEqual(opened.repoTags, ['one:1', 'localhost/one:1', 'not a name']);
  });
});

test('openArchiveImage() takes names from the older list when the layout has none', async () => {
  const bytes = entriesOf(
    'docker-25',
    replace(/^index\.json$/, ({ name }) => file(name, encode({ schemaVersion: 2, manifests: [one.descriptor] }))),
  );
  await withImage(bytes, (opened) => {
    assert.equal(opened.manifestDigest, one.descriptor.digest);
    assert.deepEqual(opened.repoTags, ['one:1']);
  });
});

test('openArchiveImage() marks a layer whose entry is missing', async () => {
  const bytes = entriesOf('docker', (entries) => entries.filter(({ name }) => name !== layerName));
  await withImage(bytes, (opened) => {
    assert.deepEqual(
      opened.layers.map(({ absent }) => absent),
      ['missing', undefined],
    );
    assert.throws(() => opened.layers[0]?.open(), { code: 'BLOB_UNKNOWN' });
  });
});

const whole = dockerArchive(listed);
const manifestWith = (change: object): Buffer =>
  entriesOf(
    'docker',
    replace(/^manifest\.json$/, ({ name }) => file(name, encode([{ Config: 'x', Layers: [], ...change }]))),
  );

const refused: readonly { title: string; bytes: Buffer; selector?: ImageSelector; code: string; message?: RegExp }[] = [
  { title: 'an empty file', bytes: Buffer.alloc(0), code: 'ARCHIVE_INVALID' },
  { title: 'a text', bytes: Buffer.from('not a tar, '.repeat(100)), code: 'ARCHIVE_INVALID' },
  { title: 'an empty tar', bytes: writeTar([]), code: 'ARCHIVE_INVALID', message: /holds no image/ },
  { title: "a layer's tar", bytes: writeTar([file('etc/passwd')]), code: 'ARCHIVE_INVALID', message: /holds no image/ },
  { title: 'an xz file', bytes: Buffer.from('fd377a585a000004', 'hex'), code: 'ARCHIVE_INVALID', message: /xz/ },
  {
    title: 'a truncated tar',
    bytes: whole.subarray(0, whole.length - 4096),
    code: 'ARCHIVE_INVALID',
    message: /too early/,
  },
  {
    title: 'a tar cut within a layer',
    bytes: whole.subarray(0, 1 << 20),
    code: 'ARCHIVE_INVALID',
    message: /too early/,
  },
  {
    title: 'a truncated gzip',
    bytes: gzipSync(whole).subarray(0, 700),
    code: 'ARCHIVE_INVALID',
    message: /too early/,
  },
  {
    title: 'a truncated zstd',
    bytes: compressArchive(whole, 'zstd').subarray(0, 500),
    code: 'ARCHIVE_INVALID',
    message: /too early/,
  },
  { title: 'a header with a flipped bit', bytes: flip(whole, 5), code: 'ARCHIVE_INVALID', message: /checksum/ },
  {
    title: 'a config that is not what its name says',
    bytes: entriesOf(
      'docker',
      replace(/\.json$/, (entry) => (entry.name === 'manifest.json' ? entry : { ...entry, body: '{}' })),
    ),
    code: 'DIGEST_MISMATCH',
  },
  {
    title: 'a blob that is not what its digest says',
    bytes: entriesOf(
      'docker-25',
      replace(new RegExp(one.config.digest.slice(7)), (entry) => ({
        ...entry,
        body: flip(Buffer.from(entry.body ?? ''), 3),
      })),
    ),
    code: 'DIGEST_MISMATCH',
  },
  {
    title: 'a blob that is longer than promised',
    bytes: entriesOf(
      'docker-25',
      replace(new RegExp(one.config.digest.slice(7)), (entry) => ({ ...entry, body: `${entry.body as string} ` })),
    ),
    code: 'SIZE_MISMATCH',
  },
  {
    title: 'a config outside of the archive',
    bytes: manifestWith({ Config: '../../etc/passwd' }),
    code: 'ARCHIVE_INVALID',
  },
  { title: 'a config that is not there', bytes: manifestWith({ Config: 'none.json' }), code: 'ARCHIVE_INVALID' },
  { title: 'layers that are no list', bytes: manifestWith({ Layers: 'x' }), code: 'ARCHIVE_INVALID' },
  { title: 'a layer that is no name', bytes: manifestWith({ Layers: [1] }), code: 'ARCHIVE_INVALID' },
  {
    title: 'too many layers',
    bytes: manifestWith({ Layers: Array.from({ length: 2000 }, () => 'x') }),
    code: 'ARCHIVE_INVALID',
  },
  {
    title: 'a damaged layer whose diffID has to be computed',
    bytes: writeTar([
      file('config.json', '{}'),
      file('layer.tar.gz', gzipSync('layer').subarray(0, 20)),
      file('manifest.json', encode([{ Config: 'config.json', Layers: ['layer.tar.gz'] }])),
    ]),
    code: 'LAYER_UNREADABLE',
  },
  {
    title: 'a layer with a negative size',
    bytes: writeTar([file('x', '', { forceExtension: true, pax: { size: '-1' } })]),
    code: 'ARCHIVE_INVALID',
  },
  {
    title: 'links in a circle',
    bytes: entriesOf(
      'docker',
      replace(/layer\.tar$/, ({ name }) => symlink(name, 'layer.tar')),
    ),
    code: 'ARCHIVE_INVALID',
    message: /circle/,
  },
  {
    title: 'several images without a choice, listing the choices',
    bytes: dockerArchive(both),
    code: 'IMAGE_AMBIGUOUS',
    message: /:one:1, :two:2$/,
  },
  {
    title: 'a name that is not there',
    bytes: whole,
    selector: { tag: 'three' },
    code: 'IMAGE_NOT_FOUND',
    message: /there is :one:1$/,
  },
  { title: 'an empty list of images', bytes: writeTar([file('manifest.json', '[]')]), code: 'IMAGE_NOT_FOUND' },
  {
    title: 'a chain of old layers in a circle',
    bytes: writeTar([
      file('repositories', encode({ a: { b: 'c'.repeat(64) } })),
      file(`${'c'.repeat(64)}/json`, encode({ parent: 'c'.repeat(64) })),
    ]),
    code: 'ARCHIVE_INVALID',
    message: /no end/,
  },
  {
    title: 'a name of a megabyte',
    bytes: writeTar([file('n'.repeat(1 << 20), 'x', { dialect: 'gnu' })]),
    code: 'LIMIT_EXCEEDED',
  },
  {
    title: 'a gzip bomb around the tar',
    bytes: gzipSync(Buffer.concat([bombHeader(2 ** 31), Buffer.alloc(1 << 20)])).subarray(0),
    code: 'ARCHIVE_INVALID',
  },
];

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

/** The header of an entry of `size` bytes, without them. */
function bombHeader(size: number): Buffer {
  return writeTar([file('bomb', '', { declaredSize: size })], { trailer: false });
}

for (const { title, bytes, selector = {}, code, message = /./ } of refused) {
  test(`openArchiveImage() refuses ${title}`, async () => {
    await assert.rejects(
      withImage(bytes, () => assert.fail('it was opened'), selector),
      { name: 'OciError', code, message },
    );
  });
}

test('openArchiveImage() says what stands in the way of a path', async () => {
  using folder = temporaryDirectory();
  const options = { name: 'x', selector: {}, defaultPlatform };
  await assert.rejects(openArchiveImage(folder.path, options), { code: 'ARCHIVE_INVALID', message: /oci-dir:/ });
  await assert.rejects(openArchiveImage(`${folder.path}/none`, options), { code: 'IMAGE_NOT_FOUND' });
});

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
