import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { noJournal, pushBlob } from '../../../testing/registry/push-content.ts';
import { openTestContent } from '../../../testing/registry/test-content.ts';
import type { Digest } from '../../oci/digest.ts';
import { findBlob } from '../../store/metadata/blobs.ts';
import { collectGarbage } from '../garbage/collect.ts';
import { scrubRegistry } from '../scrub/scrub.ts';
import type { Content } from './content.ts';
import { pushManifest } from './push-manifest.ts';

const mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
const built = buildImage({
  docker: true,
  layers: [{ tar: [{ name: 'a', body: 'own' }] }, { tar: [{ name: 'b', body: 'foreign' }], mediaType }],
});
const [own, foreign] = built.layers.map(({ digest }) => digest) as [Digest, Digest];

async function push(content: Content, blobs: readonly Digest[]): Promise<void> {
  for (const digest of blobs) await pushBlob(content, 'app', built.blobs.get(digest) as Buffer);
  const { digest } = built.descriptor;
  const bytes = built.blobs.get(digest) as Buffer;
  const contentType = built.descriptor.mediaType;
  await pushManifest(content, { repository: 'app', digest, tags: ['v1'], contentType, bytes }, noJournal);
}

for (const has of [true, false]) {
  test(`pushManifest() takes an image ${has ? 'with' : 'without'} its foreign layer, of which nothing is lost`, async () => {
    using folder = temporaryDirectory();
    const clock = { now: Date.now() };
    await using opened = await openTestContent({ folder: folder.path, clock });
    const { content } = opened;
    await push(content, [built.config.digest, own, ...(has ? [foreign] : [])]);
    clock.now += 30 * 86_400_000;
    await collectGarbage(content);
    assert.equal((await findBlob(content.database, 'app', foreign)) !== undefined, has);
    assert.deepEqual((await scrubRegistry(content)).findings, []);
  });
}

test('scrubRegistry() records foreign layers again that are elsewhere, where an upstream may have them', async () => {
  for (const isCached of [true, false]) {
    using folder = temporaryDirectory();
    await using opened = await openTestContent({ folder: folder.path, clock: { now: Date.now() } });
    const { content } = opened;
    await push(content, [built.config.digest, own]);
    // As versions left it that did not record them.
    await content.database.run('DELETE FROM manifest_links WHERE target = ?', foreign);
    const isSparse = (): boolean => isCached;
    const { findings } = await scrubRegistry(content, { repair: true, isSparse });
    const kinds = findings.map(({ kind, target, repaired }) => ({ kind, target, repaired }));
    assert.deepEqual(kinds, isCached ? [{ kind: 'link-missing', target: foreign, repaired: true }] : []);
    assert.deepEqual((await scrubRegistry(content, { isSparse })).findings, []);
  }
});

test('pushManifest() wants a layer that is named as a foreign one and as one of its own', async () => {
  using folder = temporaryDirectory();
  await using opened = await openTestContent({ folder: folder.path, clock: { now: Date.now() } });
  const { content } = opened;
  await pushBlob(content, 'app', built.blobs.get(built.config.digest) as Buffer);
  const layers = [built.layers[1], { ...built.layers[1], mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }];
  const contentType = 'application/vnd.oci.image.manifest.v1+json';
  const document = { schemaVersion: 2, mediaType: contentType, config: built.config, layers };
  const bytes = Buffer.from(JSON.stringify(document));
  const pushing = pushManifest(
    content,
    { repository: 'app', digest: undefined, tags: ['v1'], contentType, bytes },
    noJournal,
  );
  await assert.rejects(pushing, { code: 'MANIFEST_BLOB_UNKNOWN' });
});
