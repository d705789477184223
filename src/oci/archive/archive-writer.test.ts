import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { blobOf } from '../client/push.ts';
import { openLocalImage } from '../open-local.ts';
import { validateImage } from '../validate/validate-image.ts';
import { ArchiveWriter } from './archive-writer.ts';

const defaultPlatform = { os: 'linux', architecture: 'amd64' };
const image = buildImage({ layers: [{ tar: [file('a', 'a')] }, { tar: [file('b', 'b')] }] });

async function write(
  path: string,
  { commit = true, repoTags }: { commit?: boolean; repoTags?: readonly string[] } = {},
) {
  await using writer = await ArchiveWriter.open(path);
  // At once, as copies are made; each twice.
  await Promise.all([...image.blobs.values(), ...image.blobs.values()].map((bytes) => writer.writeBlob(blobOf(bytes))));
  const listed = { config: image.config.digest, layers: image.layers.map(({ digest }) => digest) };
  if (commit) await writer.commit([image.descriptor], repoTags === undefined ? [] : [{ ...listed, repoTags }]);
}

test('ArchiveWriter writes archives that open, with and without Docker’s list, the same each time', async () => {
  using folder = temporaryDirectory();
  for (const [name, repoTags] of [
    ['oci.tar', undefined],
    ['docker.tar', ['app:1']],
  ] as const) {
    const path = join(folder.path, 'deep', name);
    const options = repoTags === undefined ? {} : { repoTags };
    await write(path, options);
    const before = readFileSync(path);
    await write(path, options);
    assert.ok(readFileSync(path).equals(before));
    await using opened = await openLocalImage(path, { defaultPlatform });
    assert.equal(opened.manifestDigest, image.descriptor.digest);
    assert.deepEqual(opened.repoTags, repoTags ?? []);
    assert.deepEqual(await validateImage(opened), []);
  }
  assert.deepEqual(readdirSync(join(folder.path, 'deep')).sort(), ['docker.tar', 'oci.tar']);
});

test('ArchiveWriter shows nothing that is not whole', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'image.tar');
  await write(path, { commit: false });
  assert.deepEqual(readdirSync(folder.path), []);
  folder.write('image.tar', 'what was there');
  await write(path, { commit: false });
  await assert.rejects(
    async () => {
      await using writer = await ArchiveWriter.open(path);
      await writer.writeBlob({ ...blobOf(Buffer.from('right')), open: () => blobOf(Buffer.from('wrong')).open() });
    },
    { code: 'DIGEST_MISMATCH' },
  );
  assert.equal(readFileSync(path, 'utf8'), 'what was there');
  assert.deepEqual(readdirSync(folder.path), ['image.tar']);
  await assert.rejects(ArchiveWriter.open(join(path, 'below')), { code: 'ARCHIVE_INVALID' });
});
