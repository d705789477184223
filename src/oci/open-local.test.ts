import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage } from '../../testing/image/image-builder.ts';
import { dockerArchive, layoutFiles, ociArchive, writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { openLocalImage } from './open-local.ts';
import { parsePlatform } from './platform.ts';

const options = { defaultPlatform: parsePlatform('linux/amd64') };
const one = buildImage({ layers: [{ tar: [file('one')] }] });
const two = buildImage({ layers: [{ tar: [file('two')] }] });

test('openLocalImage() opens layouts and archives, and the image that the path names', async () => {
  using folder = temporaryDirectory();
  const roots = [
    { content: one, imageName: 'x:1' },
    { content: two, imageName: 'x:2' },
  ];
  writeFiles(folder.path, layoutFiles(roots));
  const images = [
    { image: one, repoTags: ['x:1'] },
    { image: two, repoTags: ['x:2'] },
  ];
  const paths = [
    folder.path,
    folder.write('oci.tar', ociArchive(roots)),
    folder.write('docker.tar', dockerArchive(images)),
  ];
  for (const path of paths) {
    await using first = await openLocalImage(`${path}:x:1`, options);
    await using second = await openLocalImage(`${path}:2`, options);
    assert.equal(first.imageId, one.config.digest);
    assert.equal(second.imageId, two.config.digest);
    assert.equal(second.name, `${path}:2`);
    await assert.rejects(openLocalImage(path, options), { code: 'IMAGE_AMBIGUOUS' });
    await assert.rejects(openLocalImage(`${path}:3`, options), { code: 'IMAGE_NOT_FOUND' });
  }
});

test('openLocalImage() says that a path is not there', async () => {
  await assert.rejects(openLocalImage('/nonexistent/image:1', options), { code: 'IMAGE_NOT_FOUND' });
});
