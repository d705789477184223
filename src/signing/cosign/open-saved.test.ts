import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { storeArtifact } from '../../../testing/registry/attached.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import { listReferrers } from '../../oci/client/list-referrers.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { findBundles } from './bundles.ts';
import { findLegacySignatures } from './legacy-signatures.ts';
import { simpleSigningMediaType } from './media-types.ts';
import { openSaved } from './open-saved.ts';
import { saveImage } from './save.ts';
import { attachmentTag } from './tags.ts';

const repository = 'team/app';
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const bundle = Buffer.from('{"bundle":1}');
const payload = Buffer.from('{"payload":1}');

/** A folder with an image, a bundle that refers to it, and a signature under a tag. */
async function saved(directory: string): Promise<Digest> {
  await using registry = await startTestRegistry();
  await using network = openNetwork();
  const digest = storeImage(registry.store, repository, 'v1', makeSyntheticImage([{ a: 'a' }])) as Digest;
  const artifactType = bundleType;
  const layers = [{ mediaType: bundleType, bytes: bundle }];
  storeArtifact(registry.store, repository, { artifactType, layers, subject: digest });
  const annotations = { 'dev.cosignproject.cosign/signature': 'AAAA' };
  const configType = 'application/vnd.oci.image.config.v1+json';
  const signature = { mediaType: simpleSigningMediaType, bytes: payload, annotations };
  storeArtifact(registry.store, repository, { configType, layers: [signature] }, attachmentTag(digest, 'signature'));
  const remote = { client: new RegistryClient(network, registry.host), repository };
  await saveImage(remote, 'v1', directory);
  return digest;
}

test('a saved image has what its registry had, without the registry', async () => {
  using directory = temporaryDirectory();
  const folder = join(directory.path, 'saved');
  const digest = await saved(folder);
  const { digest: opened, repository: local } = await openSaved(folder);
  assert.equal(opened, digest);

  const { bundles, problems } = await findBundles(local, digest);
  assert.deepEqual(
    bundles.map(({ bytes }) => bytes.toString()),
    [bundle.toString()],
  );
  assert.deepEqual(problems, []);
  const older = await findLegacySignatures(local, digest, 'signature');
  assert.equal(older?.signatures.length, 1);

  await assert.rejects(fetchManifest(local.client, local.repository, 'latest'), { code: 'IMAGE_NOT_FOUND' });
  const unknown = `sha256:${'0'.repeat(64)}` as Digest;
  await assert.rejects(fetchManifest(local.client, local.repository, unknown), { code: 'IMAGE_NOT_FOUND' });
  assert.deepEqual((await listReferrers(local.client, local.repository, unknown)).descriptors, []);
});

test('a blob that was changed in the folder is not taken', async () => {
  using directory = temporaryDirectory();
  const folder = join(directory.path, 'saved');
  const digest = await saved(folder);
  const blobs = join(folder, 'blobs', 'sha256');
  for (const name of readdirSync(blobs)) {
    const path = join(blobs, name);
    const text = readFileSync(path, 'latin1');
    if (text === bundle.toString()) writeFileSync(path, '{"bundle":2}');
  }
  const { repository: local } = await openSaved(folder);
  const { bundles, problems } = await findBundles(local, digest);
  assert.deepEqual(bundles, []);
  assert.equal(problems.length, 1);
});
