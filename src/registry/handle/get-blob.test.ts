import assert from 'node:assert/strict';
import test from 'node:test';
import { manifestOf } from '../../../testing/registry/push-content.ts';
import { startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { bucketName, region, startS3Server } from '../../../testing/store/s3-server.ts';
import { openNetwork } from '../../net/open-network.ts';
import { parseDigest } from '../../oci/digest.ts';
import { ManifestCache } from '../content/manifest-cache.ts';
import { scrubRegistry } from '../scrub/scrub.ts';
import { openS3BlobStore } from '../../store/blob/s3/open.ts';

test('getBlob() sends clients to the store where that is wished, and small blobs itself', async () => {
  await using server = await startS3Server();
  await using network = openNetwork({ widthPerHost: 100 });
  const { credentials, url: endpoint } = server;
  for (const redirects of [true, false]) {
    await using blobs = await openS3BlobStore({ network, endpoint, region, bucket: bucketName, credentials });
    await using own = await startOwnRegistry({ blobs, redirects });
    const bytes = Buffer.alloc(200_000, 'x');
    const { digest } = await own.pushBlob('app', bytes);
    const answer = await own.ask('GET', `app/blobs/${digest}`);
    assert.equal(answer.status, redirects ? 307 : 200);
    const got = redirects ? await fetch(answer.headers.get('location') as string) : undefined;
    assert.deepEqual(got === undefined ? answer.body : Buffer.from(await got.arrayBuffer()), bytes);
    assert.equal((await own.ask('HEAD', `app/blobs/${digest}`)).headers.get('content-length'), '200000');
    const small = await own.pushBlob('app', 'small');
    assert.equal((await own.ask('GET', `app/blobs/${small.digest}`)).status, 200);
  }
});

test('bytes that an object store changed are never answered as whole, and mended by a scrub and a push', async () => {
  await using server = await startS3Server();
  await using network = openNetwork({ widthPerHost: 100 });
  const { credentials, url: endpoint, bucket } = server;
  await using blobs = await openS3BlobStore({ network, endpoint, region, bucket: bucketName, credentials });
  await using own = await startOwnRegistry({ blobs });
  const bytes = Buffer.alloc(300_000, 'x');
  const { digest } = await own.pushBlob('app', bytes);
  const config = await own.pushBlob('app', 'config');
  const image = manifestOf({ blobs: [parseDigest(config.digest), parseDigest(digest)], note: 'x'.repeat(70_000) });
  const pushManifest = async (): Promise<number> => {
    const headers = { 'content-type': image.mediaType };
    return (await own.ask('PUT', 'app/manifests/v1', { headers, body: image.bytes })).status;
  };
  assert.equal(await pushManifest(), 201);
  for (const [key, { bytes: stored }] of bucket.objects) {
    if (key.startsWith('blobs/')) bucket.put(key, Buffer.from(stored.map((byte, at) => (at === 7 ? byte ^ 1 : byte))));
  }
  await assert.rejects(own.ask('GET', `app/blobs/${digest}`), 'the answer breaks off');
  const { content } = own.registry;
  // As after a start: it was kept in memory since it was pushed.
  Object.assign(content, { manifests: new ManifestCache(0) });
  assert.equal((await own.ask('GET', 'app/manifests/v1')).status, 503);

  const report = await scrubRegistry(content, { repair: true });
  assert.deepEqual(report.counts, { 'bytes-wrong': 2 });
  assert.equal((await own.ask('GET', `app/blobs/${digest}`)).status, 404, 'so that clients push it again');
  await own.pushBlob('app', bytes);
  assert.equal(await pushManifest(), 201);
  assert.ok((await own.ask('GET', `app/blobs/${digest}`)).body.equals(bytes));
  assert.ok((await own.ask('GET', 'app/manifests/v1')).body.equals(image.bytes));
});
