import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, encode, sha256 } from '../../../testing/image/image-builder.ts';
import { startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { tagGuardOf } from './tag-guard.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const dockerType = 'application/vnd.docker.distribution.manifest.v2+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

test('tagGuardOf() holds the images of an index whose tag may not move', async () => {
  const immutable = [{ name: 'releases', tags: ['v*'] }];
  const guard = tagGuardOf({ tags: { immutable } });
  await using own = await startOwnRegistry({ guard });
  const { config, layers, blobs } = buildImage({ layers: [{ tar: [{ name: 'note', body: 'one' }] }] });
  for (const { digest } of [config, ...layers]) await own.pushBlob('app', blobs.get(digest) as Buffer);
  const put = async (name: string, mediaType: string, body: Buffer): Promise<number> =>
    (await own.ask('PUT', `app/manifests/${name}`, { body, headers: { 'content-type': mediaType } })).status;
  const remove = async (name: string): Promise<number> => (await own.ask('DELETE', `app/manifests/${name}`)).status;
  // What it is says the request alone.
  const image = encode({ schemaVersion: 2, config, layers });
  const listed = { mediaType: manifestType, digest: sha256(image), size: image.length };
  const index = encode({ schemaVersion: 2, mediaType: indexType, manifests: [listed] });
  assert.equal(await put(listed.digest, manifestType, image), 201);
  for (const [tag, status] of [
    ['latest', 202],
    ['v1', 409],
  ] as const) {
    assert.equal(await put(tag, indexType, index), 201);
    assert.equal(await put(listed.digest, dockerType, image), status === 202 ? 201 : 409, tag);
    assert.equal(await remove(listed.digest), status, tag);
    assert.equal(await put(listed.digest, manifestType, image), 201);
  }
  const { status, headers } = await own.ask('GET', `app/manifests/${listed.digest}`);
  assert.deepEqual([status, headers.get('content-type')], [200, manifestType]);
});
