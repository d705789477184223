import assert from 'node:assert/strict';
import test from 'node:test';
import { startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { bucketName, region, startS3Server } from '../../../testing/store/s3-server.ts';
import { openNetwork } from '../../net/open-network.ts';
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
