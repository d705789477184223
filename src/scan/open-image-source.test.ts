import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { buildImage } from '../../testing/image/image-builder.ts';
import { dockerArchive, layoutFiles, ociArchive, writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { parseSource, type ImageSource } from '../oci/source.ts';
import { openImageSource, type SourceContext } from './open-image-source.ts';

const built = buildImage({ layers: [{ tar: [file('a', 'x')] }] });
/** No local source touches the network. */
const context = { defaultPlatform: { os: 'linux', architecture: 'amd64' } } as SourceContext;
const { signal } = new AbortController();

test('openImageSource() opens local images by what they are, under the name that the user wrote', async () => {
  using folder = temporaryDirectory();
  const layout = join(folder.path, 'layout');
  writeFiles(layout, layoutFiles([{ content: built, refName: 'v1' }]));
  const oci = folder.write('oci.tar', ociArchive([{ content: built }]));
  const docker = folder.write('docker.tar', dockerArchive([{ image: built, repoTags: ['app:1'] }]));
  const names = [
    `oci-dir:${layout}:v1`,
    `oci-archive:${layout}`,
    `oci-archive:${oci}`,
    `docker-archive:${docker}:app:1`,
  ];
  for (const name of names) {
    const source = parseSource(name) as Exclude<ImageSource, { kind: 'dir' | 'fs' }>;
    await using image = await openImageSource(source, name, context, signal);
    assert.equal(image.name, name);
    assert.equal(image.imageId, built.config.digest);
  }
});

test('openImageSource() asks for the platform that was named', async () => {
  using folder = temporaryDirectory();
  const path = folder.write('oci.tar', ociArchive([{ content: built }]));
  const platform = { os: 'linux', architecture: 'arm64' };
  const opened = openImageSource({ kind: 'oci-archive', path }, path, { ...context, platform }, signal);
  await assert.rejects(opened, { code: 'PLATFORM_UNAVAILABLE' });
});
