import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { buildImage, encode, sha256 } from '../../../testing/image/image-builder.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { type OwnCache, putImage, startOwnCache, upstreamsConfig } from '../../../testing/registry/own-cache.ts';
import { putBuilt } from '../../../testing/registry/put-built.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import type { Digest } from '../../oci/digest.ts';
import { findManifest } from '../../store/metadata/manifests.ts';
import { markPulled } from '../../store/metadata/pulls.ts';
import { collectGarbage } from '../garbage/collect.ts';
import { compileImmutableRules } from '../rule/immutable/compile.ts';
import { compileRetentionRules } from '../rule/retention/rules/compile.ts';
import type { RetentionRule } from '../rule/retention/rules/model.ts';
import { scrubRegistry } from '../scrub/scrub.ts';
import type { EvictionReport } from './evict.ts';
import { isOfUpstream } from './names.ts';

const reused = reuseRegistry();

const day = 86_400_000;
const { signal } = new AbortController();

async function pull(cache: OwnCache, repository: string, tag: string): Promise<void> {
  const { status, headers, json } = await cache.own.ask('GET', `${repository}/manifests/${tag}`);
  assert.equal(status, 200);
  const { config, layers } = json() as { config: { digest: string }; layers: { digest: string }[] };
  for (const { digest } of [config, ...layers]) {
    assert.equal((await cache.own.ask('GET', `${repository}/blobs/${digest}`)).status, 200);
  }
  const digest = headers.get('docker-content-digest') as Digest;
  const { content } = cache.own.registry;
  await content.database.transaction((queries) => markPulled(queries, { repository, digest, tag, at: content.now() }));
  await cache.settled();
}

function evict(
  cache: OwnCache,
  rules: readonly RetentionRule[] = [],
  immutable: readonly object[] = [],
): Promise<EvictionReport> {
  return cache.upstreams.jobs.evict(
    {
      retention: compileRetentionRules(rules),
      immutable: compileImmutableRules(immutable as Parameters<typeof compileImmutableRules>[0]),
    },
    signal,
  );
}

/** Tags that are kept. */
async function kept(cache: OwnCache): Promise<readonly string[]> {
  const rows = await cache.own.registry.content.database.all<{ name: string }>(
    "SELECT r.name || ':' || t.name AS name FROM tags t JOIN repositories r ON r.id = t.repository ORDER BY 1",
  );
  return rows.map(({ name }) => name);
}

describe('what is done by itself with upstreams', () => {
  after(() => reused[Symbol.asyncDispose]());

  test('images that nobody used for long are evicted, and come again when somebody asks', async () => {
    await using upstream = await startTestRegistry();
    for (const tag of ['old', 'used', 'pinned', 'ruled', 'fast', 'beforehand']) {
      putImage(upstream.store, 'team/app', tag, [100_000]);
    }
    putImage(upstream.store, 'keep/app', 'old', [5]);
    const section = {
      evict: { unusedFor: '30d', keep: ['hub.test/keep/**'] },
      prefetch: { images: [{ repository: 'hub.test/team/app', tags: ['before*'] }] },
    };
    await using cache = await reused.start({ url: upstream.url, section });
    const app = 'hub.test/team/app';
    for (const tag of ['old', 'used', 'pinned', 'ruled', 'fast', 'beforehand']) await pull(cache, app, tag);
    await pull(cache, 'hub.test/keep/app', 'old');
    await cache.own.pushBlob('own', 'a blob of its own');
    cache.clock.ahead += 20 * day;
    await pull(cache, app, 'used');
    cache.clock.ahead += 15 * day;
    const rules: readonly RetentionRule[] = [
      { kind: 'keep', name: 'x', repositories: ['**'], tags: ['ruled'], newest: 1 },
    ];
    const immutable = [{ name: 'y', repositories: ['**'], tags: ['fast'] }];
    const report = await evict(cache, rules, immutable);
    assert.deepEqual(await kept(cache), [
      'hub.test/keep/app:old',
      `${app}:beforehand`,
      `${app}:fast`,
      `${app}:ruled`,
      `${app}:used`,
    ]);
    assert.equal(report.tags, 2);
    assert.equal(report.manifests, 2);
    const { content } = cache.own.registry;
    const collected = await collectGarbage(content, { grace: day, uploadAge: day });
    assert.ok(collected.freedBytes >= 200_000);
    await pull(cache, app, 'old');
  });

  test('what is too much is evicted, those first that were used longest ago, but nothing within the guard time', async () => {
    await using upstream = await startTestRegistry();
    const tags = ['a', 'b', 'c', 'd', 'e'];
    for (const tag of tags) putImage(upstream.store, 'team/app', tag, [100_000]);
    await using cache = await reused.start({ url: upstream.url, section: { evict: { maxBytes: '250000' } } });
    const app = 'hub.test/team/app';
    for (const tag of tags) {
      await pull(cache, app, tag);
      cache.clock.ahead += day / 4;
    }
    await pull(cache, app, 'a');
    cache.clock.ahead += day / 2;
    // b, c and d are too many by far, and c and d were used within a day.
    await evict(cache);
    const left = (await kept(cache)).map((name) => name.slice(-1));
    assert.ok(!left.includes('b'), left.join());
    assert.ok(left.includes('a') && left.includes('e'), left.join());
    const before = left.length;
    cache.clock.ahead += 2 * day;
    await evict(cache);
    const rest = (await kept(cache)).map((name) => name.slice(-1));
    assert.ok(rest.length < before || before === 2);
    assert.deepEqual(rest, ['a', 'e']);
    assert.equal((await evict(cache)).tags, 0, 'and no more');
  });

  test('nothing within the guard time is evicted, however much there is', async () => {
    await using upstream = await startTestRegistry();
    putImage(upstream.store, 'team/app', 'a', [100_000]);
    await using cache = await reused.start({ url: upstream.url, section: { evict: { maxBytes: '0' } } });
    await pull(cache, 'hub.test/team/app', 'a');
    cache.clock.ahead += day - 60_000;
    assert.equal((await evict(cache)).tags, 0);
    cache.clock.ahead += 120_000;
    assert.equal((await evict(cache)).tags, 1);
  });

  test('what runs is never evicted, and nothing is while nobody knows what runs', async () => {
    using folder = temporaryDirectory();
    const list = join(folder.path, 'running.json');
    await using upstream = await startTestRegistry({ checkReferences: false });
    const put = (tag: string): ReturnType<typeof putImage> => putImage(upstream.store, 'team/app', tag, [1000]);
    const [a, , c] = [put('a'), put('b'), put('c')];
    const entry = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: c.digest,
      size: c.manifest.length,
      platform: { os: 'linux', architecture: 'amd64' },
    };
    const type = 'application/vnd.oci.image.index.v1+json';
    const index = { schemaVersion: 2, mediaType: type, manifests: [entry] };
    upstream.store.putManifest('team/app', 'all', type, Buffer.from(JSON.stringify(index)));
    await using cache = await reused.start({
      url: upstream.url,
      section: { evict: { unusedFor: '30d', running: [list] } },
    });
    for (const tag of ['a', 'b']) await pull(cache, 'hub.test/team/app', tag);
    for (const name of ['all', c.digest]) {
      assert.equal((await cache.own.ask('GET', `hub.test/team/app/manifests/${name}`)).status, 200);
    }
    await cache.settled();
    cache.clock.ahead += 40 * day;
    const write = (text: string, age: number): void => {
      writeFileSync(list, text);
      const time = (Date.now() + cache.clock.ahead - age) / 1000;
      utimesSync(list, time, time);
    };
    const unknown = { name: 'UpstreamError', code: 'RUNNING_UNKNOWN' };
    await assert.rejects(evict(cache), unknown, 'there is no list');
    write('', 2 * day);
    await assert.rejects(evict(cache), unknown, 'it is too old');
    assert.equal((await kept(cache)).length, 3);
    write(JSON.stringify({ imageID: `hub.test/team/app@${a.digest}` }) + `\n${c.digest}\n`, 3_600_000);
    assert.equal((await evict(cache)).tags, 1);
    assert.deepEqual(await kept(cache), ['hub.test/team/app:a', 'hub.test/team/app:all']);
    write('nothing', 0);
    assert.equal((await evict(cache)).tags, 2);
  });

  test('what runs is not evicted with something to which an index is attached that lists it', async () => {
    using folder = temporaryDirectory();
    const list = join(folder.path, 'running.txt');
    await using upstream = await startTestRegistry({ checkReferences: false });
    const [old, runs] = ['old', 'runs'].map((tag) => putImage(upstream.store, 'team/app', tag, [1000]));
    assert.ok(old !== undefined && runs !== undefined);
    await using cache = await reused.start({
      url: upstream.url,
      settings: { write: ['attach'] },
      section: { evict: { unusedFor: '30d', running: [list] } },
    });
    await pull(cache, 'hub.test/team/app', 'old');
    const isThere = async (digest: string): Promise<boolean> =>
      (await findManifest(cache.own.registry.content.database, 'hub.test/team/app', digest as Digest)) !== undefined;
    assert.equal((await cache.own.ask('GET', `hub.test/team/app/manifests/${runs.digest}`)).status, 200);
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const [subject, entry] = [old, runs].map(({ digest, manifest }) => {
      return { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: manifest.length };
    });
    const body = encode({ schemaVersion: 2, mediaType, manifests: [entry], subject });
    const request = { body, headers: { 'content-type': mediaType } };
    assert.equal((await cache.own.ask('PUT', `hub.test/team/app/manifests/${sha256(body)}`, request)).status, 201);
    cache.clock.ahead += 40 * day;
    const write = (text: string): void => {
      writeFileSync(list, text);
      const time = (Date.now() + cache.clock.ahead) / 1000;
      utimesSync(list, time, time);
    };
    write(runs.digest);
    await evict(cache);
    assert.deepEqual([await isThere(old.digest), await isThere(runs.digest)], [false, true]);
    write('nothing');
    await evict(cache);
    assert.equal(await isThere(runs.digest), false);
  });

  test('images are fetched beforehand, for the platforms that are named', async () => {
    await using upstream = await startTestRegistry({ checkReferences: false });
    const put = (tag: string): ReturnType<typeof putImage> => putImage(upstream.store, 'team/app', tag, [70_000, 10]);
    const [amd, arm, plain] = [put('amd'), put('arm'), put('v1.1')];
    put('v2.0');
    const type = 'application/vnd.oci.image.index.v1+json';
    const entry = (image: typeof amd, architecture: string): object => ({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: image.digest,
      size: image.manifest.length,
      platform: { os: 'linux', architecture },
    });
    const index = { schemaVersion: 2, mediaType: type, manifests: [entry(amd, 'amd64'), entry(arm, 'arm64')] };
    upstream.store.putManifest('team/app', 'multi', type, Buffer.from(JSON.stringify(index)));
    const images = [
      { repository: 'hub.test/team/app', tags: ['multi', 'v1.*'], platforms: ['linux/amd64'] },
      { repository: 'hub.test/team/none', tags: ['v1'] },
    ];
    await using cache = await reused.start({ url: upstream.url, section: { prefetch: { images } } });
    assert.deepEqual(await cache.upstreams.jobs.prefetch(signal), { images: 2, failed: 1 });
    await cache.settled();
    const asked = upstream.requests.map(({ path }) => path);
    assert.ok(!asked.some((path) => path.includes(arm.digest) || path.includes('v2.0')));
    await upstream.close();
    for (const { config, layers } of [amd, plain]) {
      for (const { digest } of [config, ...layers]) {
        assert.equal((await cache.own.ask('GET', `hub.test/team/app/blobs/${digest}`)).status, 200);
      }
    }
    assert.equal((await cache.own.ask('GET', 'hub.test/team/app/manifests/multi')).status, 200);
  });

  test('foreign layers are fetched beforehand where the upstream has them', async () => {
    const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
    const image = buildImage({ layers: ['a', 'b'].map((name) => ({ tar: [file(name, name)], mediaType })) });
    const [there, gone] = image.layers.map(({ digest }) => digest) as [Digest, Digest];
    for (const [status, report] of [
      [404, { images: 1, failed: 0 }],
      [403, { images: 0, failed: 1 }],
    ] as const) {
      await using upstream = await startTestRegistry({ checkReferences: false });
      putBuilt(upstream.store, 'app', image, 'v1');
      upstream.faults.add({ kind: 'status', path: `/blobs/${gone}`, status });
      const section = { prefetch: { images: [{ repository: 'hub.test/app', tags: ['v1'] }] } };
      await using cache = await reused.start({ url: upstream.url, section });
      assert.deepEqual(await cache.upstreams.jobs.prefetch(signal), report);
      await cache.settled();
      await upstream.close();
      const { status: answer } = await cache.own.ask('GET', `hub.test/app/blobs/${there}`);
      assert.equal(answer, 200);
    }
  });

  test('foreign layers are fetched beforehand of an image that was kept before their names were', async () => {
    const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
    const image = buildImage({ layers: [{ tar: [file('a', 'a')], mediaType }] });
    const [foreign] = image.layers.map(({ digest }) => digest) as [Digest];
    await using upstream = await startTestRegistry({ checkReferences: false });
    putBuilt(upstream.store, 'app', image, 'v1');
    const section = { prefetch: { images: [{ repository: 'hub.test/app', tags: ['v1'] }] } };
    await using cache = await reused.start({ url: upstream.url, section });
    await cache.own.ask('GET', 'hub.test/app/manifests/v1');
    // As versions did that passed such layers over.
    await cache.own.registry.content.database.run('DELETE FROM manifest_links WHERE target = ?', foreign);
    assert.deepEqual(await cache.upstreams.jobs.prefetch(signal), { images: 1, failed: 0 });
    await cache.settled();
    await upstream.close();
    assert.equal((await cache.own.ask('GET', `hub.test/app/blobs/${foreign}`)).status, 200);
  });

  test('a scrub takes what was not pulled of an upstream for no damage, and damage is mended by the next pull', async () => {
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [100_000]);
    await using cache = await startOwnCache({ url: upstream.url });
    const { content } = cache.own.registry;
    await cache.own.ask('GET', 'hub.test/team/app/manifests/v1');
    const { registries } = upstreamsConfig({ registries: [{ host: 'hub.test' }] });
    const isSparse = (repository: string): boolean => isOfUpstream(repository, registries);
    assert.equal((await scrubRegistry(content)).open, 2);
    assert.equal((await scrubRegistry(content, { isSparse })).open, 0);
    await pull(cache, 'hub.test/team/app', 'v1');
    const { digest, bytes } = image.layers[0] as (typeof image.layers)[number];
    await content.blobs.put(digest as Digest, Buffer.alloc(bytes.length), { replace: true });
    await scrubRegistry(content, { isSparse, repair: true });
    assert.ok((await cache.own.ask('GET', `hub.test/team/app/blobs/${digest}`)).body.equals(bytes));
    await cache.settled();
    assert.ok((await cache.own.ask('GET', `hub.test/team/app/blobs/${digest}`)).body.equals(bytes));
    assert.equal((await scrubRegistry(content, { isSparse })).open, 0);
  });
});
