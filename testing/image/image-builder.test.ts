import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildImage, buildIndex, compressLayer, sha256 } from './image-builder.ts';
import { dockerArchive, layoutFiles, ociArchive } from './image-files.ts';
import { file, writeTar } from './tar-writer.ts';

const input = { layers: [{ tar: [file('a', 'text')] }, { tar: [file('b', 'text')], compression: 'zstd' }] } as const;

test('buildImage() gives the same bytes for the same input', () => {
  const [first, second] = [buildImage(input), buildImage(input)];
  assert.deepEqual(first.descriptor, second.descriptor);
  assert.deepEqual(ociArchive([{ content: first }]), ociArchive([{ content: second }]));
  assert.deepEqual(dockerArchive([{ image: first }]), dockerArchive([{ image: second }]));
});

test('buildImage() promises the digests and sizes that its blobs have', () => {
  const { blobs, layers, config, descriptor, diffIds, tars } = buildImage(input);
  for (const { digest, size } of [...layers, config, descriptor]) {
    const bytes = blobs.get(digest) as Buffer;
    assert.equal(sha256(bytes), digest);
    assert.equal(bytes.length, size);
  }
  assert.deepEqual(tars.map(sha256), diffIds);
  assert.deepEqual(
    layers.map(({ mediaType }) => mediaType),
    ['application/vnd.oci.image.layer.v1.tar+gzip', 'application/vnd.oci.image.layer.v1.tar+zstd'],
  );
});

test('compressLayer() writes several gzip members that unpack to one tar', () => {
  const tar = writeTar([file('a', 'text'.repeat(1000))]);
  const packed = compressLayer(tar, 'gzip-multi');
  assert.deepEqual(gunzipSync(packed), tar);
  assert.equal(packed.toString('latin1').split('\x1f\x8b\x08').length - 1, 3);
});

test('buildIndex() and layoutFiles() bring all blobs of what they hold', () => {
  const image = buildImage(input);
  const index = buildIndex([{ content: image }]);
  const files = layoutFiles([{ content: index, refName: '1' }]);
  assert.equal(files.size, index.blobs.size + 2);
  for (const [digest, bytes] of index.blobs) assert.equal(files.get(`blobs/${digest.replace(':', '/')}`), bytes);
});
