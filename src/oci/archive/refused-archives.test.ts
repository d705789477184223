import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  both,
  defaultPlatform,
  entriesOf,
  listed,
  one,
  replaceEntries,
  withImage,
} from '../../../testing/image/archived-images.ts';
import { encode } from '../../../testing/image/image-builder.ts';
import { compressArchive, dockerArchive } from '../../../testing/image/image-files.ts';
import { file, symlink, writeTar } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import type { ImageSelector } from '../image-selector.ts';
import { openArchiveImage } from './open-archive.ts';

const whole = dockerArchive(listed);
const manifestWith = (change: object): Buffer =>
  entriesOf(
    'docker',
    replaceEntries(/^manifest\.json$/, ({ name }) => file(name, encode([{ Config: 'x', Layers: [], ...change }]))),
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
      replaceEntries(/\.json$/, (entry) => (entry.name === 'manifest.json' ? entry : { ...entry, body: '{}' })),
    ),
    code: 'DIGEST_MISMATCH',
  },
  {
    title: 'a blob that is not what its digest says',
    bytes: entriesOf(
      'docker-25',
      replaceEntries(new RegExp(one.config.digest.slice(7)), (entry) => ({
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
      replaceEntries(new RegExp(one.config.digest.slice(7)), (entry) => ({
        ...entry,
        body: `${entry.body as string} `,
      })),
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
      replaceEntries(/layer\.tar$/, ({ name }) => symlink(name, 'layer.tar')),
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
