import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFinding } from '../../../testing/policy/make-evidence.ts';
import { startGatedCache } from '../../../testing/registry/gate/gated-cache.ts';
import { noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import { putImage, type UpstreamImage } from '../../../testing/registry/own-cache.ts';
import type { Digest } from '../../oci/digest.ts';
import { findBlob } from '../../store/metadata/blobs.ts';
import { openAccess } from '../pipeline/open-access.ts';
import type { ScanFacts } from './model.ts';

const known = (what: 'good' | 'bad', revision = '1'): ScanFacts => ({
  state: 'known',
  facts: { findings: what === 'bad' ? [makeFinding()] : [], incomplete: [] },
  at: 0,
  revision,
});

test('an image that is evicted while its client is held gives what was judged, or nothing', async () => {
  await using cache = await startGatedCache();
  const { gated, upstream } = cache;
  for (const outcome of ['good', 'bad'] as const) {
    const { digest, manifest } = putImage(upstream.store, 'team/app', outcome, [1000]);
    const answer = gated.own.ask('GET', `hub.test/team/app/manifests/${outcome}`);
    while (gated.scans.waiting(digest as Digest) === 0) await new Promise(setImmediate);
    assert.equal(await cache.evict(), 1);
    gated.scans.set(digest as Digest, known(outcome));
    const { status, body } = await answer;
    if (outcome === 'good') assert.deepEqual([status, body.toString()], [200, manifest.toString()]);
    else assert.equal(status, 403);
    // It comes again, and is judged again.
    const again = await gated.own.ask('GET', `hub.test/team/app/manifests/${outcome}`);
    assert.equal(again.status, outcome === 'good' ? 200 : 403);
    await cache.evict();
  }
});

test('an image that is evicted while it is judged gives what was judged', async () => {
  await using cache = await startGatedCache();
  const { gated, meanwhile, upstream } = cache;
  const { digest, manifest } = putImage(upstream.store, 'team/app', 'v1', [1000]);
  gated.scans.set(digest as Digest, known('good'));
  let gone = 0;
  meanwhile.on('blob', async () => {
    gone = await cache.evict();
  });
  const { status, body } = await gated.own.ask('GET', 'hub.test/team/app/manifests/v1');
  assert.equal(gone, 1);
  assert.deepEqual([status, body.toString()], [200, manifest.toString()]);
});

test('layers of a refused image that was evicted are given to nobody, while they are still there', async () => {
  await using cache = await startGatedCache();
  const { gated, upstream } = cache;
  const image = putImage(upstream.store, 'team/app', 'v1', [100_000]);
  gated.scans.set(image.digest as Digest, known('bad'));
  const { digest } = image.layers[0] as UpstreamImage['layers'][number];
  const layer = `hub.test/team/app/blobs/${digest}`;
  const manifest = 'hub.test/team/app/manifests/v1';
  gated.exempt = true;
  assert.equal((await gated.own.ask('GET', manifest)).status, 200);
  assert.equal((await gated.own.ask('GET', layer)).status, 200);
  gated.exempt = false;
  const { database } = gated.own.registry.content;
  while ((await findBlob(database, 'hub.test/team/app', digest as Digest)) === undefined)
    await new Promise(setImmediate);
  assert.equal((await gated.own.ask('GET', layer)).status, 403);
  assert.equal(await cache.evict(), 1);
  assert.equal((await gated.own.ask('GET', layer)).status, 404);
  assert.equal((await gated.own.ask('GET', manifest)).status, 403);
});

test('a blob that no manifest names is shown to those who may push, and to nobody else', async () => {
  let mayPush = true;
  await using gated = await startGatedRegistry(
    { rules: [noCriticals] },
    {},
    { registry: { access: { ...openAccess, allows: (_, action) => action !== 'push' || mayPush } } },
  );
  const { digest } = await gated.own.pushBlob('app', 'a layer');
  assert.equal((await gated.own.ask('GET', `app/blobs/${digest}`)).status, 200);
  mayPush = false;
  assert.equal((await gated.own.ask('GET', `app/blobs/${digest}`)).status, 404);
  gated.useNone();
  assert.equal((await gated.own.ask('GET', `app/blobs/${digest}`)).status, 200);
});
