import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { putImage } from '../../../testing/registry/own-cache.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';

const reused = reuseRegistry();

/** Requests that came for something, by method. */
function asked({ requests }: TestRegistry, method: string, part: string): number {
  return requests.filter((request) => request.method === method && request.path.includes(part)).length;
}

describe('images of an upstream', () => {
  after(() => reused[Symbol.asyncDispose]());

  test('an image of an upstream comes as it is there, and is asked for once', async () => {
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [300_000, 70_000, 10]);
    await using cache = await reused.start({ url: upstream.url });
    for (let round = 0; round < 2; round += 1) {
      const got = await cache.own.ask('GET', 'hub.test/team/app/manifests/v1');
      assert.equal(got.status, 200, got.body.toString());
      assert.deepEqual(got.body, image.manifest);
      assert.equal(got.headers.get('docker-content-digest'), image.digest);
      assert.equal(got.headers.get('content-type'), 'application/vnd.oci.image.manifest.v1+json');
      assert.equal(got.headers.get('warning'), null);
      for (const { bytes, digest } of [image.config, ...image.layers]) {
        const blob = await cache.own.ask('GET', `hub.test/team/app/blobs/${digest}`);
        assert.equal(blob.status, 200, blob.body.toString());
        assert.ok(blob.body.equals(bytes));
        assert.equal(blob.headers.get('content-length'), String(bytes.length));
        const part = await cache.own.ask('GET', `hub.test/team/app/blobs/${digest}`, {
          headers: { range: 'bytes=3-8' },
        });
        assert.equal(part.status, 206);
        assert.ok(part.body.equals(bytes.subarray(3, 9)));
      }
    }
    const byDigest = await cache.own.ask('GET', `hub.test/team/app/manifests/${image.digest}`);
    assert.deepEqual(byDigest.body, image.manifest);
    assert.equal(upstream.requests.length, 5, JSON.stringify(upstream.requests));
    await cache.settled();
    assert.deepEqual(await readdir(join(cache.folder, 'data', 'spool')), []);
  });

  test('64 cold clients cause one request for each object', async () => {
    let release = (): void => undefined;
    const event = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [600_000, 80_000]);
    // The first layer stops in the middle until all of them are there.
    const [first] = image.layers;
    upstream.faults.add({ kind: 'until', path: first?.digest as string, after: 300_000, event });
    await using cache = await reused.start({ url: upstream.url });
    let waiting = 0;
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        const got = await cache.own.ask('GET', 'hub.test/team/app/manifests/v1');
        assert.deepEqual(got.body, image.manifest);
        await Promise.all(
          [image.config, ...image.layers].map(async ({ bytes, digest }) => {
            if (digest === first?.digest && (waiting += 1) === 64) setTimeout(release, 20);
            const blob = await cache.own.ask('GET', `hub.test/team/app/blobs/${digest}`);
            assert.ok(blob.body.equals(bytes));
          }),
        );
      }),
    );
    assert.equal(upstream.requests.length, 4, JSON.stringify(upstream.requests));
    assert.equal(asked(upstream, 'GET', first?.digest as string), 1);
  });
});
