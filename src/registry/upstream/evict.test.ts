import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Digest } from '../../oci/digest.ts';
import { type OwnCache, putImage, putSharing } from '../../../testing/registry/own-cache.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { RegistryStore } from '../../../testing/registry/store.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { heldBytes } from '../../store/metadata/upstream-blobs.ts';
import { collectGarbage } from '../garbage/collect.ts';
import { compileImmutableRules } from '../rule/immutable/compile.ts';
import { compileRetentionRules } from '../rule/retention/rules/compile.ts';
import type { EvictionReport } from './evict.ts';

const day = 86_400_000;
const reused = reuseRegistry();

type Piece = ReturnType<typeof piece>;

/** Bytes of which no other has the same. */
function piece(size: number): { readonly bytes: Buffer; readonly digest: string } {
  const [layer] = putImage(new RegistryStore(), 'x', 'x', [size]).layers;
  return layer as { bytes: Buffer; digest: string };
}

function put(store: RegistryStore, repository: string, ...layers: readonly Piece[]): void {
  putSharing(store, repository, layers);
}

/** Pulls the only image of a repository, and a while passes. */
async function pull(cache: OwnCache, repository: string): Promise<void> {
  const { status, json, body } = await cache.own.ask('GET', `${repository}/manifests/v1`);
  assert.equal(status, 200, body.toString());
  const { config, layers } = json() as { config: { digest: string }; layers: { digest: string }[] };
  for (const { digest } of [config, ...layers]) {
    assert.equal((await cache.own.ask('GET', `${repository}/blobs/${digest}`)).status, 200);
  }
  await cache.settled();
  cache.clock.ahead += day;
}

function evict(cache: OwnCache): Promise<EvictionReport> {
  const rules = { retention: compileRetentionRules([]), immutable: compileImmutableRules([]) };
  return cache.upstreams.jobs.evict(rules, new AbortController().signal);
}

async function kept(cache: OwnCache): Promise<readonly string[]> {
  const sql = 'SELECT r.name AS name FROM tags t JOIN repositories r ON r.id = t.repository ORDER BY 1';
  return (await cache.own.registry.content.database.all<{ name: string }>(sql)).map(({ name }) => name.slice(9));
}

async function isStored(cache: OwnCache, { digest }: Piece): Promise<boolean> {
  await using open = await cache.own.registry.content.blobs.open(digest as Digest);
  return open !== undefined;
}

const collect = (cache: OwnCache): Promise<unknown> =>
  collectGarbage(cache.own.registry.content, { grace: 1000, uploadAge: day });

describe('eviction of images that share layers', () => {
  after(() => reused[Symbol.asyncDispose]());

  test('a layer goes with the last image that needs it, and no earlier', async () => {
    await using upstream = await startTestRegistry();
    const [shared, one, two] = [piece(100_000), piece(110_000), piece(120_000)];
    put(upstream.store, 'one/app', shared, one);
    put(upstream.store, 'two/app', shared, two);
    await using cache = await reused.start({ url: upstream.url, section: { evict: { unusedFor: '30d' } } });
    await pull(cache, 'hub.test/one/app');
    cache.clock.ahead += 20 * day;
    await pull(cache, 'hub.test/two/app');
    cache.clock.ahead += 15 * day;
    const first = await evict(cache);
    assert.deepEqual(await kept(cache), ['two/app']);
    assert.ok(first.bytes > 110_000 && first.bytes < 112_000, String(first.bytes));
    await collect(cache);
    assert.deepEqual(await Promise.all([shared, one, two].map((blob) => isStored(cache, blob))), [true, false, true]);
    const asked = upstream.requests.length;
    for (const { digest, bytes } of [shared, two]) {
      assert.ok((await cache.own.ask('GET', `hub.test/two/app/blobs/${digest}`)).body.equals(bytes));
    }
    assert.equal(upstream.requests.length, asked);
    cache.clock.ahead += 40 * day;
    assert.ok((await evict(cache)).bytes > 220_000);
    await collect(cache);
    assert.deepEqual(await Promise.all([shared, one, two].map((blob) => isStored(cache, blob))), [false, false, false]);
    assert.equal(await heldBytes(cache.own.registry.content.database, ['hub.test/']), 0);
  });

  const budgets: readonly (readonly [maxBytes: number, left: readonly string[]])[] = [
    [403_000, ['four/app', 'one/app', 'three/app', 'two/app']],
    // The layer that the oldest two share goes with the second of them.
    [370_000, ['four/app', 'three/app', 'two/app']],
    [299_000, ['four/app', 'three/app']],
    [115_000, ['four/app', 'three/app']],
    [99_000, ['four/app']],
    [80_000, []],
  ];
  for (const [maxBytes, left] of budgets) {
    test(`as many images go as make ${maxBytes} bytes, and no more`, async () => {
      await using upstream = await startTestRegistry();
      const shared = piece(150_000);
      put(upstream.store, 'one/app', shared, piece(40_000));
      put(upstream.store, 'two/app', shared, piece(100_000));
      put(upstream.store, 'three/app', piece(20_000));
      put(upstream.store, 'four/app', piece(90_000));
      await using cache = await reused.start({ url: upstream.url, section: { evict: { maxBytes: String(maxBytes) } } });
      for (const name of ['one', 'two', 'three', 'four']) await pull(cache, `hub.test/${name}/app`);
      cache.clock.ahead += day;
      const { database } = cache.own.registry.content;
      const before = await heldBytes(database, ['hub.test/']);
      const { bytes } = await evict(cache);
      assert.deepEqual(await kept(cache), left);
      const held = await heldBytes(database, ['hub.test/']);
      assert.ok(held <= maxBytes, `${held} bytes are left`);
      assert.equal(before - held, bytes);
      await collect(cache);
      assert.equal(await isStored(cache, shared), left.includes('two/app'));
    });
  }

  test('what stays in any case counts, so that other images make the room', async () => {
    await using upstream = await startTestRegistry();
    const shared = piece(150_000);
    put(upstream.store, 'one/app', shared, piece(50_000));
    put(upstream.store, 'two/app', piece(120_000));
    put(upstream.store, 'three/app', shared, piece(60_000));
    put(upstream.store, 'four/app', piece(30_000));
    const section = {
      evict: { maxBytes: '270000', keep: ['hub.test/one/**'] },
      prefetch: { images: [{ repository: 'hub.test/four/app', tags: ['v1'] }] },
    };
    await using cache = await reused.start({ url: upstream.url, section });
    for (const name of ['one', 'four', 'two', 'three']) await pull(cache, `hub.test/${name}/app`);
    cache.clock.ahead += day;
    await evict(cache);
    // The oldest, which is kept, has the layer that the newest names too.
    assert.deepEqual(await kept(cache), ['four/app', 'one/app']);
    await collect(cache);
    assert.equal(await isStored(cache, shared), true);
  });

  test('what own repositories have too, and what two upstreams have, counts once or not at all', async () => {
    await using upstream = await startTestRegistry();
    await using second = await startTestRegistry();
    const [shared, own] = [piece(100_000), piece(200_000)];
    put(upstream.store, 'one/app', shared, own);
    put(second.store, 'two/app', shared);
    const registries = [
      { host: 'hub.test', url: upstream.url, allowPrivate: 'true' },
      { host: 'two.test', url: second.url, allowPrivate: 'true' },
    ];
    await using cache = await reused.start({ url: '', section: { registries, evict: { maxBytes: '110000' } } });
    await cache.own.pushBlob('own/app', own.bytes);
    await pull(cache, 'hub.test/one/app');
    await pull(cache, 'two.test/two/app');
    cache.clock.ahead += day;
    assert.equal((await evict(cache)).tags, 0);
    const held = await heldBytes(cache.own.registry.content.database, ['hub.test/', 'two.test/']);
    assert.ok(held > 100_000 && held < 103_000, String(held));
  });
});
