import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type OwnCache, putImage, putSharing, startOwnCache } from '../../../testing/registry/own-cache.ts';
import type { OwnAnswer } from '../../../testing/registry/own-registry.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { RegistryStore } from '../../../testing/registry/store.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { beginDownload, readSome } from '../../../testing/registry/begun-download.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { foreignLayerMediaTypes } from '../../oci/media-type.ts';
import { pushManifest } from '../content/push-manifest.ts';
import { upstreamLimits } from './limits.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

const reused = reuseRegistry();

interface Piece {
  readonly bytes: Buffer;
  readonly digest: string;
}

/** Requests for a digest since the start. */
function asked({ requests }: TestRegistry, digest: string): readonly string[] {
  return requests
    .filter(({ path }) => path.includes(digest))
    .map(({ method, path }) => `${method} ${path.split('/')[3]}`);
}

async function pull({ own }: OwnCache, repository: string, digest: string): Promise<OwnAnswer> {
  assert.equal((await own.ask('GET', `${repository}/manifests/v1`)).status, 200);
  return own.ask('GET', `${repository}/blobs/${digest}`);
}

describe('blobs that several repositories name', () => {
  after(() => reused[Symbol.asyncDispose]());

  for (const size of [300_000, 500]) {
    test(`a blob of ${size} bytes comes once from an upstream, which says for each repository that it has it`, async () => {
      await using upstream = await startTestRegistry();
      const one = putImage(upstream.store, 'team/one', 'v1', [size]);
      const [layer] = one.layers as [Piece];
      putSharing(upstream.store, 'team/two', [layer]);
      await using cache = await reused.start({ url: upstream.url });
      assert.ok((await pull(cache, 'hub.test/team/one', layer.digest)).body.equals(layer.bytes));
      await cache.settled();
      for (let round = 0; round < 2; round += 1) {
        const { status, body, headers } = await pull(cache, 'hub.test/team/two', layer.digest);
        assert.equal(status, 200, body.toString().slice(0, 200));
        assert.ok(body.equals(layer.bytes));
        assert.equal(headers.get('content-length'), String(size));
      }
      assert.deepEqual(asked(upstream, layer.digest), ['GET one', 'HEAD two']);
      assert.equal(await cache.metric('upstream_found_total{kind="blob",result="shared"}'), 1);
    });
  }

  test('a repository whose manifest names a blob that the upstream has elsewhere gets nothing of it', async () => {
    await using upstream = await startTestRegistry();
    const [secret] = putImage(upstream.store, 'private/app', 'v1', [200_000]).layers as [Piece];
    const [small] = putImage(upstream.store, 'private/app', 'v1', [200]).layers as [Piece];
    await using cache = await reused.start({ url: upstream.url, settings: { notFoundFor: '0s' } });
    putSharing(upstream.store, 'private/app', [secret, small]);
    for (const { digest } of [secret, small]) await pull(cache, 'hub.test/private/app', digest);
    await cache.settled();
    putSharing(upstream.store, 'attacker/app', [secret, small], []);
    for (const { digest, bytes } of [secret, small]) {
      const got = await pull(cache, 'hub.test/attacker/app', digest);
      assert.equal(got.status, 404);
      assert.ok(!got.body.includes(bytes.subarray(0, 16)));
    }
    assert.deepEqual(asked(upstream, secret.digest), ['GET app', 'HEAD app']);
    // Where the upstream does not tell by HEAD, it has to send the bytes.
    upstream.faults.add({ kind: 'status', status: 405, path: '/blobs/', method: 'HEAD' });
    assert.equal((await pull(cache, 'hub.test/attacker/app', secret.digest)).status, 404);
  });

  test('an upstream that says it has what it never had gets nothing out: a private blob, or one of another upstream', async () => {
    await using honest = await startTestRegistry();
    await using hostile = await startTestRegistry();
    const [theirs] = putImage(honest.store, 'team/app', 'v1', [100_000]).layers as [Piece];
    const [pushed] = putImage(new RegistryStore(), 'x', 'v1', [150_000]).layers as [Piece];
    const small = putImage(new RegistryStore(), 'x', 'v1', []).config;
    const registries = [
      { host: 'hub.test', url: honest.url, allowPrivate: 'true' },
      { host: 'evil.test', url: hostile.url, allowPrivate: 'true', notFoundFor: '0s' },
    ];
    await using cache = await reused.start({ url: '', section: { registries } });
    await pull(cache, 'hub.test/team/app', theirs.digest);
    for (const { bytes } of [pushed, small]) await cache.own.pushBlob('payments/app', bytes);
    await cache.settled();
    const wanted = [theirs, pushed, small];
    putSharing(hostile.store, 'x/app', wanted, []);
    // It says of everything that it is there, and sends what it has.
    hostile.faults.add({ kind: 'status', status: 200, path: '/blobs/', method: 'HEAD' });
    hostile.faults.add({ kind: 'status', status: 200, path: '/blobs/', method: 'GET', body: 'nothing of it' });
    for (const { digest, bytes } of wanted) {
      const got = await pull(cache, 'evil.test/x/app', digest).catch(() => undefined);
      assert.ok(got === undefined || got.status === 502, String(got?.status));
      assert.ok(got === undefined || !got.body.includes(bytes.subarray(0, 16)));
      assert.deepEqual([...new Set(asked(hostile, digest))], ['GET app'], 'only bytes count');
    }
    assert.deepEqual(asked(honest, pushed.digest), []);
  });

  test('what clients attach to the repositories of an upstream is no blob of the upstream', async () => {
    await using upstream = await startTestRegistry();
    const [secret] = putImage(new RegistryStore(), 'x', 'v1', [100_000]).layers as [Piece];
    await using cache = await reused.start({ url: upstream.url, settings: { write: ['attach'] } });
    await cache.own.pushBlob('hub.test/team/app', secret.bytes);
    putSharing(upstream.store, 'attacker/app', [secret], []);
    upstream.faults.add({ kind: 'status', status: 200, path: '/blobs/', method: 'HEAD' });
    assert.equal((await pull(cache, 'hub.test/attacker/app', secret.digest)).status, 404);
    assert.deepEqual(asked(upstream, secret.digest), ['GET app']);
  });

  test('what clients attach says nothing about blobs that images of the upstream have', async () => {
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [100_000, 300]);
    const pieces = image.layers as readonly Piece[];
    await using cache = await reused.start({ url: upstream.url, settings: { write: ['attach'] } });
    assert.equal((await cache.own.ask('GET', 'hub.test/team/app/manifests/v1')).status, 200);
    const { digest: config } = await cache.own.pushBlob('hub.test/team/app', '{}');
    const attach = async (mediaType: string, more: object): Promise<void> => {
      const subject = { mediaType: manifestType, digest: image.digest, size: image.manifest.length };
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, subject, ...more }));
      const push = { repository: 'hub.test/team/app', digest: undefined, tags: [], contentType: mediaType, bytes };
      // As versions before took it from clients.
      await pushManifest(cache.own.registry.content, push, () => Promise.resolve());
    };
    for (let at = 0; at < upstreamLimits.sizeSources; at += 1) {
      const manifests = pieces.map(({ digest }) => ({ mediaType: 'application/x', digest, size: 1 }));
      await attach('application/vnd.oci.image.index.v1+json', { manifests, annotations: { at: String(at) } });
    }
    await attach(manifestType, {
      config: { mediaType: 'application/x', digest: config, size: 2 },
      layers: pieces.map(({ digest }) => ({ mediaType: foreignLayerMediaTypes[0], digest, size: 1 })),
    });
    for (const { digest, bytes } of pieces) {
      const got = await cache.own.ask('GET', `hub.test/team/app/blobs/${digest}`);
      assert.equal(got.status, 200, got.body.toString().slice(0, 200));
      assert.ok(got.body.equals(bytes));
    }
  });

  test('a manifest that lies about the size of a kept blob shares nothing', async () => {
    await using upstream = await startTestRegistry();
    const [layer] = putImage(upstream.store, 'team/one', 'v1', [100_000]).layers as [Piece];
    putSharing(upstream.store, 'team/two', [{ ...layer, bytes: layer.bytes.subarray(1) }], [layer]);
    await using cache = await reused.start({ url: upstream.url });
    await pull(cache, 'hub.test/team/one', layer.digest);
    await cache.settled();
    assert.equal((await pull(cache, 'hub.test/team/two', layer.digest)).status, 502);
    assert.deepEqual(asked(upstream, layer.digest), ['GET one', 'GET two']);
  });

  test('a blob is fetched where an upstream does not tell whether it has it', async () => {
    await using upstream = await startTestRegistry();
    const [layer] = putImage(upstream.store, 'team/one', 'v1', [100_000]).layers as [Piece];
    putSharing(upstream.store, 'team/two', [layer]);
    putSharing(upstream.store, 'team/three', [layer]);
    await using cache = await reused.start({ url: upstream.url });
    await pull(cache, 'hub.test/team/one', layer.digest);
    await cache.settled();
    upstream.faults.add({ kind: 'status', status: 405, path: layer.digest, method: 'HEAD', times: 1 });
    assert.ok((await pull(cache, 'hub.test/team/two', layer.digest)).body.equals(layer.bytes));
    await cache.settled();
    // Storages refuse by HEAD what was signed for GET.
    await using storage = await startTestRegistry({ auth: 'basic' });
    upstream.faults.add({ kind: 'redirect', to: `${storage.url}/v2/s/blobs/x`, path: layer.digest, method: 'HEAD' });
    assert.ok((await pull(cache, 'hub.test/team/three', layer.digest)).body.equals(layer.bytes));
    assert.deepEqual(asked(upstream, layer.digest), ['GET one', 'HEAD two', 'GET two', 'HEAD three', 'GET three']);
  });

  for (const processes of [1, 2]) {
    test(`a blob on its way for one repository streams to clients of another, in ${processes} processes`, async () => {
      using folder = temporaryDirectory();
      await using upstream = await startTestRegistry();
      const [layer] = putImage(upstream.store, 'team/one', 'v1', [2_000_000]).layers as [Piece];
      putSharing(upstream.store, 'team/two', [layer]);
      const { promise: event, resolve: happen } = Promise.withResolvers<void>();
      upstream.faults.add({ kind: 'until', path: layer.digest, method: 'GET', after: 1_500_000, event });
      const options = { url: upstream.url, folder: folder.path, registry: { blobs: await reused.blobs() } };
      await using first = await startOwnCache(options);
      await using other = await startOwnCache(options);
      const second = processes === 1 ? first : other;
      for (const [cache, repository] of [
        [first, 'one'],
        [second, 'two'],
      ] as const) {
        await cache.own.ask('GET', `hub.test/team/${repository}/manifests/v1`);
      }
      const one = await beginDownload(`${first.own.url}/v2/hub.test/team/one/blobs/${layer.digest}`);
      const startOfOne = await readSome(one, 1_000_000);
      const two = await beginDownload(`${second.own.url}/v2/hub.test/team/two/blobs/${layer.digest}`);
      const startOfTwo = await readSome(two, 1_000_000);
      assert.ok(startOfTwo.equals(layer.bytes.subarray(0, startOfTwo.length)));
      happen();
      assert.ok(Buffer.concat([startOfOne, await readSome(one, 2_000_000 - startOfOne.length)]).equals(layer.bytes));
      assert.ok(Buffer.concat([startOfTwo, await readSome(two, 2_000_000 - startOfTwo.length)]).equals(layer.bytes));
      assert.deepEqual(asked(upstream, layer.digest), ['GET one', 'HEAD two']);
      await first.settled();
      assert.ok((await second.own.ask('GET', `hub.test/team/two/blobs/${layer.digest}`)).body.equals(layer.bytes));
      assert.equal(asked(upstream, layer.digest).length, 2);
    });
  }

  test('a blob on its way for one repository is none of another that the upstream does not have it for', async () => {
    await using upstream = await startTestRegistry();
    const [secret] = putImage(upstream.store, 'private/app', 'v1', [300_000]).layers as [Piece];
    putSharing(upstream.store, 'attacker/app', [secret], []);
    const { promise: event, resolve: happen } = Promise.withResolvers<void>();
    upstream.faults.add({ kind: 'until', path: secret.digest, method: 'GET', after: 200_000, event });
    await using cache = await reused.start({ url: upstream.url });
    const whole = pull(cache, 'hub.test/private/app', secret.digest);
    while (asked(upstream, secret.digest).length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const got = await pull(cache, 'hub.test/attacker/app', secret.digest);
    assert.equal(got.status, 404);
    assert.deepEqual(asked(upstream, secret.digest), ['GET app', 'HEAD app']);
    happen();
    assert.ok((await whole).body.equals(secret.bytes));
  });

  test('who follows a blob for another repository fetches it when that comes to nothing', async () => {
    await using upstream = await startTestRegistry();
    const [layer] = putImage(upstream.store, 'team/one', 'v1', [300_000]).layers as [Piece];
    putSharing(upstream.store, 'team/two', [layer]);
    // Nothing of it comes for the first, and then an error.
    const { promise: event, resolve: happen } = Promise.withResolvers<void>();
    upstream.faults.add({ kind: 'until', path: `one/blobs/${layer.digest}`, after: 0, event, breaks: true, times: 1 });
    upstream.faults.add({ kind: 'status', status: 404, path: `one/blobs/${layer.digest}` });
    await using cache = await reused.start({ url: upstream.url });
    const one = pull(cache, 'hub.test/team/one', layer.digest);
    while (asked(upstream, layer.digest).length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const two = pull(cache, 'hub.test/team/two', layer.digest);
    while (asked(upstream, layer.digest).length === 1) await new Promise((resolve) => setTimeout(resolve, 2));
    happen();
    assert.equal((await one).status, 404);
    assert.ok((await two).body.equals(layer.bytes));
    assert.deepEqual(asked(upstream, layer.digest), ['GET one', 'HEAD two', 'GET one', 'GET two']);
  });
});
