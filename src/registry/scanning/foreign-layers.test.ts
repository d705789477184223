import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage, type BuiltImage } from '../../../testing/image/image-builder.ts';
import { npmPackage, osRelease } from '../../../testing/package-files.ts';
import { noJournal, pushBlob } from '../../../testing/registry/push-content.ts';
import { openScanWorld, pushImage, scanned, type ScanWorld } from '../../../testing/scanning/scan-world.ts';
import { sharedWorkers as workers } from '../../../testing/scanning/shared-workers.ts';
import { makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import type { Digest } from '../../oci/digest.ts';
import { pushManifest } from '../content/push-manifest.ts';

/*
 * Layers whose media type says that they may not be redistributed. containerd, Docker on Linux and Podman take them from the registry all
 * the same where it has them, and containerd and Podman from their `urls` first.
 */

const advisories = [makeAdvisory({ id: 'CVE-2026-0001', affected: [makeAffected('npm left-pad', ['0 1.4.0'])] })];

function foreignImage(mediaType: string, urls?: readonly string[]): BuiltImage {
  return buildImage({
    docker: mediaType.includes('docker'),
    layers: [
      { tar: [osRelease('alpine', '3.19.1')] },
      { tar: [npmPackage('left-pad', '1.3.0')], mediaType, ...(urls === undefined ? {} : { urls }) },
    ],
  });
}

async function evidenceOf(world: ScanWorld, digest: Digest) {
  const status = await scanned(world, digest);
  assert.ok(status.kind === 'known', JSON.stringify(status));
  const { findings, isIncomplete, problems } = status.evidence;
  return { ids: findings?.map(({ id }) => id), isIncomplete, codes: problems.map(({ code }) => code) };
}

for (const mediaType of [
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
]) {
  for (const urls of [undefined, ['https://elsewhere.example/layer']]) {
    test(`a layer of type ${mediaType} ${urls ? 'with' : 'without'} urls is read where it is there`, async () => {
      await using world = await openScanWorld({ workers });
      await world.know(advisories);
      const digest = await pushImage(world.content, 'app', foreignImage(mediaType, urls));
      assert.deepEqual(await evidenceOf(world, digest), { ids: ['CVE-2026-0001'], isIncomplete: false, codes: [] });
    });
  }
}

test('an image whose foreign layer is not there is told to be read in part, and tried no more', async () => {
  await using world = await openScanWorld({ workers });
  await world.know(advisories);
  const { descriptor, config, layers, blobs } = foreignImage(
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    ['https://elsewhere.example/layer'],
  );
  for (const { digest } of [config, ...layers.slice(0, 1)]) {
    await pushBlob(world.content, 'app', blobs.get(digest) as Buffer);
  }
  const { digest, mediaType } = descriptor;
  const bytes = blobs.get(digest) as Buffer;
  await pushManifest(world.content, { repository: 'app', digest, tags: [], contentType: mediaType, bytes }, noJournal);
  assert.deepEqual(await evidenceOf(world, digest), { ids: [], isIncomplete: true, codes: ['LAYER_FOREIGN'] });
});
