import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { encode, sha256 } from '../../../testing/image/image-builder.ts';
import { type OwnCache, putImage, startOwnCache } from '../../../testing/registry/own-cache.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';

const reused = reuseRegistry();

const repository = 'hub.test/team/app';
const indexType = 'application/vnd.oci.image.index.v1+json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

interface Referrers {
  readonly manifests: readonly { readonly digest: string; readonly artifactType?: string }[];
}

function attachment(subject: string, artifactType: string): Buffer {
  const empty = {
    mediaType: 'application/vnd.oci.empty.v1+json',
    size: 2,
    digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  };
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType,
      config: empty,
      layers: [empty],
      subject: { mediaType: manifestType, digest: subject, size: 1 },
    }),
  );
}

async function referrers(cache: OwnCache, digest: string, query = ''): Promise<readonly string[]> {
  const { status, body, json } = await cache.own.ask('GET', `${repository}/referrers/${digest}${query}`);
  assert.equal(status, 200, body.toString());
  return (json() as Referrers).manifests.map((one) => `${one.artifactType} ${one.digest.slice(7, 11)}`);
}

describe('lists of an upstream, and what is attached', () => {
  after(() => reused[Symbol.asyncDispose]());

  test('tags of an upstream are listed in pages, whether they were pulled or not, also while it is away', async () => {
    await using upstream = await startTestRegistry({ pageSize: 3 });
    for (const tag of ['b', 'a', 'd', 'c', 'e']) putImage(upstream.store, 'team/app', tag, []);
    await using cache = await reused.start({ url: upstream.url });
    const list = async (query: string): Promise<{ tags: unknown; link: string | null; warning: string | null }> => {
      const { status, json, headers, body } = await cache.own.ask('GET', `${repository}/tags/list${query}`);
      assert.equal(status, 200, body.toString());
      return { tags: (json() as { tags: unknown }).tags, link: headers.get('link'), warning: headers.get('warning') };
    };
    const first = await list('?n=2');
    assert.deepEqual(first.tags, ['a', 'b']);
    assert.match(String(first.link), /last=b/);
    assert.deepEqual((await list('?n=2&last=b')).tags, ['c', 'd']);
    assert.deepEqual(await list('?n=9&last=d'), { tags: ['e'], link: null, warning: null });
    assert.equal(upstream.requests.length, 2);
    putImage(upstream.store, 'team/app', 'f', []);
    cache.clock.ahead += 120_000;
    assert.deepEqual((await list('')).tags, ['a', 'b', 'c', 'd', 'e', 'f']);
    await upstream.close();
    cache.clock.ahead += 120_000;
    for (let round = 0; round < 2; round += 1) {
      const { tags, warning } = await list('?last=e');
      assert.deepEqual(tags, ['f']);
      assert.equal(warning, '110 - "Response is Stale"');
    }
    assert.equal((await cache.own.ask('GET', 'hub.test/team/other/tags/list')).status, 503);
  });

  test('a repository that an upstream has not is none here', async () => {
    await using upstream = await startTestRegistry();
    await using cache = await reused.start({ url: upstream.url });
    for (let round = 0; round < 2; round += 1) {
      const { status, body } = await cache.own.ask('GET', 'hub.test/team/none/tags/list');
      assert.equal(status, 404);
      assert.match(body.toString(), /NAME_UNKNOWN/);
    }
    assert.equal(upstream.requests.length, 1);
    const none = `sha256:${'0'.repeat(64)}`;
    assert.deepEqual(await referrers(cache, none), []);
  });

  for (const api of [true, false]) {
    test(`what is attached at an upstream ${api ? 'by the API' : 'by a tag'} is listed with what is attached here`, async () => {
      await using upstream = await startTestRegistry({ referrers: api, checkReferences: false });
      const image = putImage(upstream.store, 'team/app', 'v1', []);
      const theirs = attachment(image.digest, 'application/theirs');
      const digest = upstream.store.putManifest('team/app', 'x', manifestType, theirs);
      const entry = { mediaType: manifestType, digest, size: theirs.length, artifactType: 'application/theirs' };
      if (!api) {
        const fallback = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [entry] }));
        upstream.store.putManifest('team/app', image.digest.replace(':', '-'), indexType, fallback);
      }
      await using cache = await reused.start({ url: upstream.url, settings: { write: ['attach'] } });
      await cache.own.ask('GET', `${repository}/manifests/v1`);
      const mine = attachment(image.digest, 'application/mine');
      const mineDigest = `sha256:${createHash('sha256').update(mine).digest('hex')}`;
      await cache.own.pushBlob(repository, '{}');
      const pushed = await cache.own.ask('PUT', `${repository}/manifests/${mineDigest}`, {
        body: mine,
        headers: { 'content-type': manifestType },
      });
      assert.equal(pushed.status, 201, pushed.body.toString());
      const both = [`application/mine ${mineDigest.slice(7, 11)}`, `application/theirs ${digest.slice(7, 11)}`];
      const ordered = mineDigest < digest ? both : both.toReversed();
      assert.deepEqual(await referrers(cache, image.digest), ordered);
      assert.deepEqual(await referrers(cache, image.digest, '?artifactType=application/theirs'), [both[1]]);
      assert.deepEqual(await referrers(cache, image.digest, '?artifactType=application/mine'), [both[0]]);
      assert.equal((await referrers(cache, image.digest, '?n=1')).length, 1);
      const seen = upstream.requests.length;
      await referrers(cache, image.digest);
      assert.equal(upstream.requests.length, seen);
      // What was listed can be pulled.
      assert.deepEqual((await cache.own.ask('GET', `${repository}/manifests/${digest}`)).body, theirs);
      await upstream.close();
      cache.clock.ahead += 120_000;
      assert.deepEqual(await referrers(cache, image.digest), ordered);
    });
  }

  test('signatures under tags are pulled as tags are', async () => {
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', []);
    const tag = `${image.digest.replace(':', '-')}.sig`;
    const signature = putImage(upstream.store, 'team/app', tag, [30]);
    await using cache = await reused.start({ url: upstream.url });
    assert.deepEqual((await cache.own.ask('GET', `${repository}/manifests/${tag}`)).body, signature.manifest);
  });

  test('clients write nothing into the repositories of an upstream that the settings do not allow', async () => {
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [100]);
    await using cache = await reused.start({ url: upstream.url });
    await cache.own.ask('GET', `${repository}/manifests/v1`);
    const layer = image.layers[0]?.digest as string;
    const upload = '00000000-0000-4000-8000-000000000000';
    const headers = { 'content-type': manifestType };
    for (const [method, path] of [
      ['POST', 'hub.test/team/app/blobs/uploads/'],
      ['POST', `hub.test/team/app/blobs/uploads/?mount=${layer}&from=own/app`],
      ['POST', 'team/app/blobs/uploads/?ns=hub.test'],
      ['PATCH', `hub.test/team/app/blobs/uploads/${upload}`],
      ['PUT', `hub.test/team/app/blobs/uploads/${upload}?digest=${layer}`],
      ['DELETE', `hub.test/team/app/blobs/uploads/${upload}`],
      ['PUT', 'hub.test/team/app/manifests/v1'],
      ['PUT', `hub.test/team/new/manifests/${image.digest}`],
      ['PUT', 'team/app/manifests/v1?ns=hub.test'],
      ['DELETE', 'hub.test/team/app/manifests/v1'],
      ['DELETE', `team/app/manifests/${image.digest}?ns=hub.test`],
      ['DELETE', `hub.test/team/app/blobs/${layer}`],
    ] as const) {
      const body = method === 'PUT' ? { body: image.manifest, headers } : {};
      const answer = await cache.own.ask(method, path, body);
      assert.equal(answer.status, 403, `${method} ${path}`);
      assert.match(answer.body.toString(), /repository is the upstream/);
    }
    // Attaching is no way to other things, and deleting no way to pushing.
    await using open = await startOwnCache({
      url: upstream.url,
      settings: { write: ['attach', 'delete'] },
      registry: { blobs: await reused.blobs() },
    });
    await open.own.ask('GET', `${repository}/manifests/v1`);
    assert.equal(
      (await open.own.ask('PUT', `${repository}/manifests/v2`, { body: image.manifest, headers })).status,
      403,
    );
    const byDigest = await open.own.ask('PUT', `${repository}/manifests/${image.digest}`, {
      body: image.manifest,
      headers,
    });
    assert.equal(byDigest.status, 403);
    const tagged = attachment(image.digest, 'application/x');
    assert.equal((await open.own.ask('PUT', `${repository}/manifests/latest`, { body: tagged, headers })).status, 403);
    assert.equal((await open.own.ask('DELETE', `${repository}/manifests/${image.digest}`)).status, 202);
  });

  test('nothing is attached to what an upstream has that would pass for an image of it', async () => {
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [100]);
    const [theirs] = image.layers;
    await using cache = await reused.start({ url: upstream.url, settings: { write: ['attach'] } });
    await cache.own.ask('GET', `${repository}/manifests/v1`);
    const named = async (mediaType: string, bytes: string | Buffer): Promise<object> => {
      const { digest } = await cache.own.pushBlob(repository, bytes);
      return { mediaType, digest, size: Buffer.byteLength(bytes) };
    };
    const runs = await named('application/vnd.oci.image.config.v1+json', '{"architecture":"amd64","os":"linux"}');
    const empty = await named('application/vnd.oci.empty.v1+json', '{}');
    const signed = 'application/vnd.dev.cosign.simplesigning.v1+json';
    const layer = 'application/vnd.oci.image.layer.v1.tar';
    const foreign = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
      digest: theirs?.digest,
      size: 1,
    };
    const own = encode({ schemaVersion: 2, mediaType: manifestType, config: runs, layers: [] });
    const carried = { mediaType: manifestType, digest: sha256(own), size: own.length, data: own.toString('base64') };
    const listed = { mediaType: manifestType, digest: image.digest, size: image.manifest.length };
    for (const [what, type, more, status] of [
      ['an image', manifestType, { config: runs, layers: [await named(layer, 'tar')] }, 403],
      [
        'an image that claims to be a signature',
        manifestType,
        { config: runs, layers: [await named(signed, 'tar')] },
        403,
      ],
      ['a foreign layer', manifestType, { config: empty, layers: [foreign] }, 403],
      ['an index that carries an image', indexType, { manifests: [carried] }, 403],
      ['an index of blobs', indexType, { manifests: [{ ...foreign, mediaType: 'application/x' }] }, 403],
      ['a signature', manifestType, { config: runs, layers: [await named(signed, '{"a":1}')] }, 201],
      ['another artifact', manifestType, { config: empty, layers: [await named('application/x', 'x')] }, 201],
      ['an index of what is there', indexType, { manifests: [listed] }, 201],
    ] as const) {
      const body = encode({ schemaVersion: 2, mediaType: type, subject: listed, ...more });
      const headers = { 'content-type': type };
      const answer = await cache.own.ask('PUT', `${repository}/manifests/${sha256(body)}`, { body, headers });
      assert.equal(answer.status, status, `${what}: ${answer.body.toString()}`);
      const pulled = await cache.own.ask('GET', `${repository}/manifests/${sha256(body)}`);
      assert.equal(pulled.status, status === 201 ? 200 : 404, what);
    }
  });
});
