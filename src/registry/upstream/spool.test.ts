import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { beginDownload, readSome } from '../../../testing/registry/begun-download.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { type OwnCache, putImage, startOwnCache, type UpstreamImage } from '../../../testing/registry/own-cache.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import type { Digest } from '../../oci/digest.ts';

const reused = reuseRegistry();

const repository = 'hub.test/team/app';
const size = 3_000_000;

interface Event {
  readonly event: Promise<void>;
  readonly happen: () => void;
}

function newEvent(): Event {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { event: promise, happen: resolve };
}

interface Stage {
  readonly upstream: TestRegistry;
  readonly cache: OwnCache;
  readonly image: UpstreamImage;
  readonly layer: UpstreamImage['layers'][number];
}

async function onStage(run: (stage: Stage) => Promise<void>, section: object = {}): Promise<void> {
  await using upstream = await startTestRegistry();
  const image = putImage(upstream.store, 'team/app', 'v1', [size]);
  await using cache = await reused.start({ url: upstream.url, section });
  await cache.own.ask('GET', `${repository}/manifests/v1`);
  await run({ upstream, cache, image, layer: image.layers[0] as Stage['layer'] });
}

function begin({ own }: OwnCache, digest: string, range?: string): ReturnType<typeof beginDownload> {
  return beginDownload(`${own.url}/v2/${repository}/blobs/${digest}`, range);
}

function blobRequests({ upstream, layer }: Stage): number {
  return upstream.requests.filter(({ path }) => path.includes(layer.digest)).length;
}

describe('blobs of an upstream', () => {
  after(() => reused[Symbol.asyncDispose]());

  test('a blob streams to clients while it comes, but for its end, and parts of it too', async () => {
    await onStage(async (stage) => {
      const { upstream, cache, layer } = stage;
      const { event, happen } = newEvent();
      upstream.faults.add({ kind: 'until', path: layer.digest, after: 2_000_000, event });
      const first = await begin(cache, layer.digest);
      assert.equal(first.statusCode, 200);
      assert.equal(first.headers['content-length'], String(size));
      const start = await readSome(first, 1_900_000);
      assert.ok(start.equals(layer.bytes.subarray(0, start.length)));
      const part = await begin(cache, layer.digest, 'bytes=1000000-1000099');
      assert.equal(part.statusCode, 206);
      assert.ok((await readSome(part, 100)).equals(layer.bytes.subarray(1_000_000, 1_000_100)));
      // The end is not there before all of it is.
      const end = await begin(cache, layer.digest, `bytes=${size - 10}-`);
      const endBytes = readSome(end, 10);
      assert.equal(
        await Promise.race([endBytes, new Promise((resolve) => setTimeout(resolve, 50, 'nothing'))]),
        'nothing',
      );
      happen();
      assert.ok((await endBytes).equals(layer.bytes.subarray(size - 10)));
      const rest = await readSome(first, size - start.length);
      assert.ok(Buffer.concat([start, rest]).equals(layer.bytes));
      assert.equal(blobRequests(stage), 1);
    });
  });

  test('the last bytes of a blob with another digest reach nobody', async () => {
    await onStage(async (stage) => {
      const { upstream, cache, layer } = stage;
      upstream.faults.add({ kind: 'wrong-bytes', path: layer.digest });
      const got: number[] = [];
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          const answer = await begin(cache, layer.digest).catch(() => undefined);
          if (answer === undefined) return;
          let bytes = 0;
          try {
            for await (const chunk of answer) bytes += (chunk as Buffer).length;
          } catch {
            // It broke off.
          }
          if (answer.statusCode === 200) got.push(bytes);
          assert.ok(answer.statusCode !== 200 || !answer.complete);
        }),
      );
      for (const bytes of got) assert.ok(bytes <= size - 65_536, String(bytes));
    });
  });

  test('a part of the end of a blob that comes wrong, or whose upstream dies, reaches nobody', async () => {
    for (const kind of ['wrong-bytes', 'reset'] as const) {
      await onStage(async ({ upstream, cache, layer }) => {
        const { event, happen } = newEvent();
        upstream.faults.add({ kind: 'until', path: layer.digest, after: 1_000_000, event, breaks: true, times: 1 });
        const fault = kind === 'reset' ? { kind, after: 0 } : { kind };
        upstream.faults.add({ ...fault, path: layer.digest });
        const start = await begin(cache, layer.digest, 'bytes=0-99');
        assert.ok((await readSome(start, 100)).equals(layer.bytes.subarray(0, 100)));
        const ends = [`bytes=${size - 10}-`, `bytes=-10`, `bytes=${size - 65_536}-${size - 65_530}`];
        const answers = await Promise.all(ends.map((range) => begin(cache, layer.digest, range)));
        happen();
        for (const answer of answers) {
          assert.equal(answer.statusCode, 206);
          await assert.rejects(readSome(answer, 10));
        }
        await cache.settled();
        upstream.faults.clear();
        cache.clock.ahead += 60_000;
        assert.ok((await cache.own.ask('GET', `${repository}/blobs/${layer.digest}`)).body.equals(layer.bytes));
      });
    }
  });

  test('a client that takes nothing keeps no other from going on', async () => {
    await onStage(async (stage) => {
      const { cache, layer } = stage;
      const stuck = await begin(cache, layer.digest);
      stuck.pause();
      const others = await Promise.all(
        Array.from({ length: 4 }, () => cache.own.ask('GET', `${repository}/blobs/${layer.digest}`)),
      );
      for (const { body } of others) assert.ok(body.equals(layer.bytes));
      // It gets the whole all the same.
      assert.ok((await readSome(stuck, size)).equals(layer.bytes));
      assert.equal(blobRequests(stage), 1);
    });
  });

  test('a blob is fetched on when its clients leave, and is there for the next', async () => {
    await onStage(async (stage) => {
      const { upstream, cache, layer } = stage;
      const { event, happen } = newEvent();
      upstream.faults.add({ kind: 'until', path: layer.digest, after: 1_000_000, event });
      const first = await begin(cache, layer.digest);
      await readSome(first, 100_000);
      first.destroy();
      await new Promise((resolve) => setTimeout(resolve, 20));
      happen();
      await cache.settled();
      assert.ok((await cache.own.ask('GET', `${repository}/blobs/${layer.digest}`)).body.equals(layer.bytes));
      assert.equal(blobRequests(stage), 1);
    });
  });

  test('a blob that nobody waits for any more is given up after the time that is set', async () => {
    await onStage(
      async (stage) => {
        const { upstream, cache, layer } = stage;
        const { event, happen } = newEvent();
        upstream.faults.add({ kind: 'until', path: layer.digest, after: 1_000_000, event, times: 1 });
        const first = await begin(cache, layer.digest);
        await readSome(first, 100_000);
        first.destroy();
        await cache.settled();
        assert.deepEqual(await readdir(join(cache.folder, 'data', 'spool')), []);
        happen();
        assert.ok((await cache.own.ask('GET', `${repository}/blobs/${layer.digest}`)).body.equals(layer.bytes));
        assert.equal(blobRequests(stage), 2);
      },
      { spool: { abandonAfter: '20ms' } },
    );
  });

  test('blobs wait for room in the spool, and one that never fits is refused', async () => {
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [900_000, 900_001, 2_000_000]);
    await using cache = await reused.start({ url: upstream.url, section: { spool: { maxBytes: '1MiB' } } });
    await cache.own.ask('GET', `${repository}/manifests/v1`);
    const [one, two, large] = image.layers as [Stage['layer'], Stage['layer'], Stage['layer']];
    const got = await Promise.all(
      [one, two].map(({ digest }) => cache.own.ask('GET', `${repository}/blobs/${digest}`)),
    );
    assert.ok(got[0]?.body.equals(one.bytes));
    assert.ok(got[1]?.body.equals(two.bytes));
    const refused = await cache.own.ask('GET', `${repository}/blobs/${large.digest}`);
    assert.equal(refused.status, 403);
    assert.match(refused.body.toString(), /larger than all/);
  });

  test('processes that share a folder share its room', async () => {
    using folder = temporaryDirectory();
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [900_000, 900_001, 900_002]);
    const layers = image.layers as [Stage['layer'], Stage['layer'], Stage['layer']];
    const events = layers.map(({ digest }) => {
      const { event, happen } = newEvent();
      upstream.faults.add({ kind: 'until', path: digest, after: 300_000, event });
      return happen;
    });
    const registry = { blobs: await reused.blobs() };
    const section = { spool: { maxBytes: '2000000' } };
    const options = { url: upstream.url, folder: folder.path, registry, section };
    await using one = await startOwnCache(options);
    await using two = await startOwnCache(options);
    await using three = await startOwnCache(options);
    await one.own.ask('GET', `${repository}/manifests/v1`);
    const caches = [one, two, three];
    const begun = (at: number): boolean =>
      upstream.requests.some(({ path }) => path.includes(layers[at]?.digest as string));
    const gets: Promise<Buffer>[] = [];
    for (const [at, { own }] of caches.entries()) {
      gets.push(own.ask('GET', `${repository}/blobs/${layers[at]?.digest}`).then(({ body }) => body));
      for (let left = 400; left > 0 && !begun(at) && at < 2; left -= 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual([0, 1, 2].map(begun), [true, true, false]);
    assert.equal((await readdir(join(folder.path, 'data', 'spool'))).length, 2);
    for (const happen of events) happen();
    for (const [at, body] of (await Promise.all(gets)).entries()) assert.ok(body.equals(layers[at]?.bytes as Buffer));
  });

  test('what a killed process left in the spool is removed at the start, and what lives stays', async () => {
    using folder = temporaryDirectory();
    const registry = { blobs: await reused.blobs() };
    const spool = join(folder.path, 'data', 'spool');
    mkdirSync(spool, { recursive: true });
    const dead = '00000000-0000-4000-8000-000000000000.part';
    writeFileSync(join(spool, dead), 'half of a blob');
    writeFileSync(join(spool, 'README'), 'not ours');
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [size]);
    const { digest, bytes } = image.layers[0] as Stage['layer'];
    const { event, happen } = newEvent();
    upstream.faults.add({ kind: 'until', path: digest, after: 1_000_000, event });
    await using first = await startOwnCache({ url: upstream.url, folder: folder.path, registry });
    await first.own.ask('GET', `${repository}/manifests/v1`);
    const one = await begin(first, digest);
    const start = await readSome(one, 100_000);
    assert.deepEqual((await readdir(spool)).length, 2);
    assert.ok(!(await readdir(spool)).includes(dead));
    // A second process on the same folder and database reads along what the first one fetches.
    await using second = await startOwnCache({ url: upstream.url, folder: folder.path, registry });
    const two = await begin(second, digest);
    const startOfTwo = await readSome(two, 500_000);
    assert.ok(startOfTwo.equals(bytes.subarray(0, startOfTwo.length)));
    happen();
    const rest = await Promise.all([readSome(one, size - start.length), readSome(two, size - startOfTwo.length)]);
    assert.ok(Buffer.concat([start, rest[0]]).equals(bytes));
    assert.ok(Buffer.concat([startOfTwo, rest[1]]).equals(bytes));
    assert.equal(upstream.requests.filter(({ path }) => path.includes(digest)).length, 1);
    await first.settled();
    assert.deepEqual(await readdir(spool), ['README']);
  });

  test('a file of a blob counts as compared with its digest for the process that fetches it, while it does', async () => {
    using folder = temporaryDirectory();
    const registry = { blobs: await reused.blobs() };
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [size]);
    const { digest } = image.layers[0] as Stage['layer'];
    const { event, happen } = newEvent();
    upstream.faults.add({ kind: 'until', path: digest, after: 1_000_000, event });
    await using first = await startOwnCache({ url: upstream.url, folder: folder.path, registry });
    await using second = await startOwnCache({ url: upstream.url, folder: folder.path, registry });
    await first.own.ask('GET', `${repository}/manifests/v1`);
    const isChecked = async ({ own }: OwnCache): Promise<boolean | undefined> => {
      const signal = AbortSignal.timeout(20_000);
      const found = await own.registry.origin.findBlob(repository, digest as Digest, () => signal);
      await using blob = await found.open();
      return blob.file?.isChecked;
    };
    assert.equal(await isChecked(first), true);
    assert.equal(await isChecked(second), false);
    happen();
    await first.settled();
    await second.settled();
    assert.equal(await isChecked(first), false);
  });

  test('several processes ask an upstream once for each object', async () => {
    using folder = temporaryDirectory();
    const registry = { blobs: await reused.blobs() };
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [400_000, 10]);
    const caches = await Promise.all(
      [0, 1, 2].map(() => startOwnCache({ url: upstream.url, folder: folder.path, registry })),
    );
    await using opened = new AsyncDisposableStack();
    for (const cache of caches) opened.use(cache);
    await Promise.all(
      Array.from({ length: 24 }, async (_, at) => {
        const { own } = caches[at % 3] as OwnCache;
        assert.deepEqual((await own.ask('GET', `${repository}/manifests/v1`)).body, image.manifest);
        for (const { digest, bytes } of [image.config, ...image.layers]) {
          assert.ok((await own.ask('GET', `${repository}/blobs/${digest}`)).body.equals(bytes));
        }
      }),
    );
    assert.equal(upstream.requests.length, 4, JSON.stringify(upstream.requests.map(({ path }) => path)));
  });

  test('a blob whose process was killed is taken over when its lease is over', async () => {
    using folder = temporaryDirectory();
    const registry = { blobs: await reused.blobs() };
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [size]);
    const { digest, bytes } = image.layers[0] as Stage['layer'];
    await using cache = await startOwnCache({ url: upstream.url, folder: folder.path, registry });
    await cache.own.ask('GET', `${repository}/manifests/v1`);
    const { content } = cache.own.registry;
    const holder = '00000000-0000-4000-8000-000000000001';
    const until = content.now() + 300;
    const sql = 'INSERT INTO upstream_leases (name, holder, expires_at) VALUES (?, ?, ?)';
    await content.database.run(sql, `blob ${repository}@${digest}`, holder, until);
    const got = await cache.own.ask('GET', `${repository}/blobs/${digest}`);
    assert.equal(got.status, 200, got.body.toString().slice(0, 200));
    assert.ok(got.body.equals(bytes));
    assert.ok(content.now() >= until);
  });
});
