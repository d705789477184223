import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGatedCache } from '../../../testing/registry/gate/gated-cache.ts';
import { putImage } from '../../../testing/registry/own-cache.ts';
import type { Digest } from '../../oci/digest.ts';
import { findBlob } from '../../store/metadata/blobs.ts';

test('layers come into the cache while a client is held, each once however many are, before any scan reads them', async () => {
  await using cache = await startGatedCache();
  const { gated, upstream } = cache;
  const image = putImage(upstream.store, 'team/app', 'v1', [200_000, 400_000, 100_000, 300_000, 70_000]);
  const pulls = Array.from({ length: 8 }, () => gated.own.ask('GET', 'hub.test/team/app/manifests/v1'));
  const { database } = gated.own.registry.content;
  const isThere = async ({ digest }: { readonly digest: string }): Promise<boolean> =>
    (await findBlob(database, 'hub.test/team/app', digest as Digest)) !== undefined;
  for (const deadline = Date.now() + 20_000; !(await isThere(image.layers[4] as { digest: string }));) {
    assert.ok(Date.now() < deadline, 'the smallest comes last');
    await new Promise(setImmediate);
  }
  gated.scans.set(image.digest as Digest, {
    state: 'known',
    facts: { findings: [], incomplete: [] },
    at: 0,
    revision: '1',
  });
  assert.deepEqual(new Set((await Promise.all(pulls)).map(({ status }) => status)), new Set([200]));
  assert.ok(gated.scans.prepared > 0);
  for (const { digest } of image.layers) {
    const asked = upstream.requests.filter(({ path, method }) => method === 'GET' && path.endsWith(digest));
    assert.equal(asked.length, 1);
  }
});
