import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type OwnCache, putImage, type UpstreamImage } from '../../../testing/registry/own-cache.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import {
  startTestRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../../testing/registry/test-registry.ts';
import type { Fault } from '../../../testing/registry/fault.ts';

const reused = reuseRegistry();

const size = 400_000;
const repository = 'hub.test/team/app';
const indexType = 'application/vnd.oci.image.index.v1+json';
const webPage = { kind: 'status', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' } as const;
const env = { PASSWORD: 'hold-fast' };

interface Stage {
  readonly upstream: TestRegistry;
  readonly cache: OwnCache;
  readonly image: UpstreamImage;
  readonly layer: { readonly bytes: Buffer; readonly digest: string };
}

async function onStage(
  run: (stage: Stage) => Promise<void>,
  options: TestRegistryOptions = {},
  settings: object = {},
): Promise<void> {
  await using upstream = await startTestRegistry(options);
  const image = putImage(upstream.store, 'team/app', 'v1', [size]);
  await using cache = await reused.start({ url: upstream.url, env, settings: { notFoundFor: '0s', ...settings } });
  await run({ upstream, cache, image, layer: image.layers[0] as Stage['layer'] });
}

/** What a client gets of a blob: its status, and its bytes where they came whole. */
async function getBlob({ cache, layer }: Stage): Promise<{ status: number; body: Buffer | undefined }> {
  try {
    const { status, body } = await cache.own.ask('GET', `${repository}/blobs/${layer.digest}`);
    return { status, body };
  } catch {
    return { status: 0, body: undefined };
  }
}

/** All is right again, and nothing of what was wrong is left. */
async function checkClean(stage: Stage): Promise<void> {
  const { upstream, cache, image, layer } = stage;
  upstream.faults.clear();
  await cache.settled();
  // Whatever the cache remembers of trouble is over.
  cache.clock.ahead += 600_000;
  const got = await cache.own.ask('GET', `${repository}/manifests/v1`);
  assert.equal(got.status, 200, got.body.toString());
  assert.deepEqual(got.body, image.manifest);
  const blob = await getBlob(stage);
  assert.equal(blob.status, 200, blob.body?.toString().slice(0, 300));
  assert.ok(blob.body?.equals(layer.bytes));
}

describe('an upstream that is hostile or broken', () => {
  after(() => reused[Symbol.asyncDispose]());

  const wrongBlobs: readonly (readonly [title: string, fault: (layer: Stage['layer']) => Fault, reason: string])[] = [
    ['other bytes', ({ digest }) => ({ kind: 'wrong-bytes', path: digest }), 'digest'],
    ['more bytes, without a length', ({ digest }) => ({ kind: 'long', extra: 1, path: digest }), 'size'],
    ['bytes without end', ({ digest }) => ({ kind: 'endless', path: digest }), 'size'],
    ['fewer bytes, without a length', ({ digest }) => ({ kind: 'short', after: size - 1, path: digest }), 'size'],
    ['nothing, without a length', ({ digest }) => ({ kind: 'short', after: 0, path: digest }), 'size'],
    ['compressed bytes', ({ digest }) => ({ kind: 'gzip', path: digest }), 'size'],
    ['a length that is too large', ({ digest }) => ({ kind: 'length', by: 1, path: digest }), 'size'],
    ['a length that is too small', ({ digest }) => ({ kind: 'length', by: -1, path: digest }), 'size'],
    ['a web page', ({ digest }) => ({ ...webPage, path: digest }), 'size'],
    ['a part that nobody asked for', ({ digest }) => ({ kind: 'partial', path: digest }), 'cut'],
    ['redirects without end', ({ digest }) => ({ kind: 'redirect', to: '?again', path: digest }), 'cut'],
    ['connections that always break', ({ digest }) => ({ kind: 'reset', after: 1000, path: digest }), 'cut'],
  ];

  for (const [title, fault, reason] of wrongBlobs) {
    test(`a blob is not kept when the upstream sends ${title}`, async () => {
      await onStage(async (stage) => {
        const { upstream, cache, layer } = stage;
        await cache.own.ask('GET', `${repository}/manifests/v1`);
        upstream.faults.add(fault(layer));
        const got = await Promise.all([getBlob(stage), getBlob(stage), getBlob(stage)]);
        for (const { status, body } of got) {
          assert.ok(status === 0 || status >= 500, String(status));
          assert.ok(body === undefined || !body.equals(layer.bytes));
        }
        assert.ok((await cache.metric(`upstream_broken_total{reason="${reason}"}`)) >= 1);
        assert.equal(cache.events.at(-1)?.kind, 'broken');
        await checkClean(stage);
      });
    });
  }

  test('a blob whose upstream dies in the middle goes on from there', async () => {
    await onStage(async (stage) => {
      const { upstream, layer, cache } = stage;
      await cache.own.ask('GET', `${repository}/manifests/v1`);
      upstream.faults.add({ kind: 'reset', after: 150_000, path: layer.digest, times: 2 });
      const { status, body } = await getBlob(stage);
      assert.equal(status, 200);
      assert.ok(body?.equals(layer.bytes));
      const ranges = upstream.requests.filter(({ path }) => path.includes(layer.digest)).map(({ range }) => range);
      assert.equal(ranges.length, 3);
      assert.match(String(ranges[1]), /^bytes=\d+-$/);
      await checkClean(stage);
    });
  });

  const wrongManifests: readonly (readonly [title: string, fault: Fault, status: number])[] = [
    ['other bytes', { kind: 'wrong-bytes', path: '/manifests/' }, 502],
    ['another digest in its header', { kind: 'wrong-digest-header', path: '/manifests/', method: 'GET' }, 502],
    ['a web page', { kind: 'content-type', type: 'text/html', path: '/manifests/' }, 502],
    ['an image as an index', { kind: 'content-type', type: indexType, path: '/manifests/' }, 502],
    ['compressed bytes', { kind: 'gzip', path: '/manifests/' }, 502],
    ['a length that is too small', { kind: 'length', by: -1, path: '/manifests/' }, 502],
    ['a length that is too large', { kind: 'length', by: 1, path: '/manifests/' }, 503],
    ['a part that nobody asked for', { kind: 'partial', path: '/manifests/' }, 502],
    ['nothing at all', { kind: 'status', status: 204, path: '/manifests/' }, 502],
    ['that nothing changed', { kind: 'status', status: 304, path: '/manifests/' }, 502],
    ['redirects without end', { kind: 'redirect', to: '?again', path: '/manifests/' }, 502],
    ['headers without end', { kind: 'huge-headers', path: '/manifests/' }, 502],
    ['bytes that are no HTTP', { kind: 'garbage', path: '/manifests/' }, 502],
    ['half of it', { kind: 'reset', after: 100, path: '/manifests/' }, 503],
    ['500', { kind: 'status', status: 500, path: '/manifests/' }, 503],
    ['a redirect to where nobody may look', { kind: 'redirect', to: 'ftp://example.org/', path: '/manifests/' }, 502],
  ];

  for (const [title, fault, expected] of wrongManifests) {
    for (const byDigest of [false, true]) {
      test(`a manifest by ${byDigest ? 'digest' : 'tag'} is not kept when the upstream sends ${title}`, async () => {
        await onStage(async (stage) => {
          const { upstream, cache, image } = stage;
          upstream.faults.add(fault);
          const { status, body } = await cache.own.ask(
            'GET',
            `${repository}/manifests/${byDigest ? image.digest : 'v1'}`,
          );
          assert.equal(status, byDigest && fault.kind === 'wrong-digest-header' ? 502 : expected, body.toString());
          assert.doesNotMatch(body.toString(), /MANIFEST_UNKNOWN/);
          assert.equal((await cache.own.ask('GET', `${repository}/blobs/${image.config.digest}`)).status, 404);
          await checkClean(stage);
        });
      });
    }
  }

  test('a manifest that is sent as text, or as nothing, is what it says itself', async () => {
    for (const fault of [
      { kind: 'content-type', type: 'text/plain; charset=utf-8', path: '/manifests/' },
      { kind: 'without', header: 'content-type', path: '/manifests/' },
    ] as const) {
      await onStage(async ({ upstream, cache, image }) => {
        upstream.faults.add(fault);
        const got = await cache.own.ask('GET', `${repository}/manifests/v1`);
        assert.equal(got.headers.get('content-type'), 'application/vnd.oci.image.manifest.v1+json');
        assert.deepEqual(got.body, image.manifest);
      });
    }
  });

  const imageType = 'application/vnd.oci.image.manifest.v1+json';
  const blank = { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${'0'.repeat(64)}`, size: 2 };
  const confusing: readonly (readonly [title: string, type: string, body: string])[] = [
    ['both', imageType, JSON.stringify({ schemaVersion: 2, config: blank, layers: [], manifests: [] })],
    ['both, as an index', indexType, JSON.stringify({ schemaVersion: 2, config: blank, layers: [], manifests: [] })],
    [
      'an index within',
      imageType,
      JSON.stringify({ schemaVersion: 2, mediaType: indexType, config: blank, layers: [] }),
    ],
    ['an index', imageType, JSON.stringify({ schemaVersion: 2, manifests: [] })],
    ['an image', indexType, JSON.stringify({ schemaVersion: 2, config: blank, layers: [] })],
    ['two of one name', imageType, `{"schemaVersion":2,"config":${JSON.stringify(blank)},"layers":[],"layers":[]}`],
    ['a negative size', imageType, JSON.stringify({ schemaVersion: 2, config: { ...blank, size: -1 }, layers: [] })],
    ['a list', imageType, '[]'],
  ];
  test('a manifest that is not clearly an image or an index is refused', async () => {
    await onStage(async ({ upstream, cache }) => {
      for (const [title, type, body] of confusing) {
        const digest = upstream.store.putManifest('team/app', 'odd', type, Buffer.from(body));
        for (const reference of ['odd', digest]) {
          const got = await cache.own.ask('GET', `${repository}/manifests/${reference}`);
          assert.equal(got.status, 502, `${title}: ${got.status} ${got.body.toString()}`);
        }
        assert.equal((await cache.own.registry.content.database.all('SELECT 1 FROM manifests')).length, 0, title);
      }
    });
  });

  test('a manifest that comes too slowly is given up, once, before its clients do', async () => {
    await onStage(async (stage) => {
      const { upstream, cache } = stage;
      const began = performance.now();
      for (const [at, everyMs] of [200, 60_000].entries()) {
        upstream.faults.add({ kind: 'drip', bytes: 1, everyMs, path: '/manifests/' });
        const { status, body } = await cache.own.ask('GET', `${repository}/manifests/v1`);
        assert.equal(status, 503, body.toString());
        assert.equal(upstream.requests.filter(({ path }) => path.includes('/manifests/')).length, at + 1);
        upstream.faults.clear();
      }
      assert.ok(performance.now() - began < 40_000);
      await checkClean(stage);
    });
  });

  test('what HEAD says of a tag is taken for nothing without the manifest of that digest', async () => {
    await onStage(async ({ upstream, cache, image }) => {
      await cache.own.ask('GET', `${repository}/manifests/v1`);
      const other = putImage(upstream.store, 'team/other', 'v1', [10]);
      for (const digest of [other.digest, `sha256:${'0'.repeat(64)}`, 'sha256:../../x', `sha512:${'0'.repeat(128)}`]) {
        cache.clock.ahead += 600_000;
        const headers = { 'docker-content-digest': digest, 'content-length': '5', 'content-type': indexType };
        upstream.faults.add({ kind: 'status', status: 200, headers, path: '/manifests/', method: 'HEAD', times: 1 });
        const got = await cache.own.ask('GET', `${repository}/manifests/v1`);
        assert.deepEqual(got.body, image.manifest, digest);
        assert.equal(got.headers.get('docker-content-digest'), image.digest);
        assert.equal(got.headers.get('content-length'), String(image.manifest.length));
      }
    });
  });

  const lists: readonly (readonly [title: string, fault: Fault])[] = [
    ['a web page', { ...webPage, path: '/team/app/' }],
    [
      'pages of another host',
      {
        kind: 'status',
        status: 200,
        path: '/tags/',
        body: '{"tags":["a"]}',
        headers: { link: '<https://elsewhere.example/v2/team/app/tags/list?last=a>; rel="next"' },
      },
    ],
    [
      'pages without end',
      {
        kind: 'status',
        status: 200,
        path: '/tags/',
        body: '{"tags":["a"]}',
        headers: { link: '<?again>; rel="next"' },
      },
    ],
    [
      'names that are no tags',
      { kind: 'status', status: 200, path: '/tags/', body: '{"tags":["a","../b","c d","<x>"]}' },
    ],
    ['a part that nobody asked for', { kind: 'partial', path: '/tags/' }],
    ['a length that is too small', { kind: 'length', by: -1, path: '/tags/' }],
  ];
  for (const [title, fault] of lists) {
    test(`a list is not kept when the upstream sends ${title}`, async () => {
      await onStage(async ({ upstream, cache }) => {
        upstream.faults.add(fault);
        const got = await cache.own.ask('GET', `${repository}/tags/list`);
        const tags = got.status === 200 ? (got.json() as { tags: string[] }).tags : [];
        assert.ok(got.status === 502 || tags.join() === 'a', `${got.status} ${got.body.toString()}`);
        upstream.faults.clear();
        cache.clock.ahead += 600_000;
        const again = await cache.own.ask('GET', `${repository}/tags/list`);
        assert.deepEqual((again.json() as { tags: string[] }).tags, ['v1']);
      });
    });
  }

  test('a manifest of the first schema is refused, and told of as such', async () => {
    await onStage(async ({ upstream, cache }) => {
      const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
      upstream.store.putManifest('team/app', 'old', type, Buffer.from('{"schemaVersion":1,"fsLayers":[]}'));
      const got = await cache.own.ask('GET', `${repository}/manifests/old`);
      assert.equal(got.status, 502);
      assert.match(got.body.toString(), /schema 1, which was retired/);
    });
  });

  test('blobs that no kept manifest names are not asked for', async () => {
    await onStage(async (stage) => {
      const { upstream, layer, image } = stage;
      for (const { digest } of [layer, image.config]) {
        assert.equal((await getBlob({ ...stage, layer: { ...layer, digest } })).status, 404);
      }
      assert.equal(upstream.requests.length, 0);
      // Named by a manifest of another repository, it is none of this one.
      await stage.cache.own.ask('GET', `${repository}/manifests/v1`);
      const other = await stage.cache.own.ask('GET', `hub.test/team/other/blobs/${layer.digest}`);
      assert.equal(other.status, 404);
      assert.equal(upstream.requests.length, 1);
    });
  });

  test('credentials go to no token service but the upstream’s own, and to no other host by a redirect', async () => {
    await using foreign = await startTestRegistry({ auth: 'bearer' });
    for (const challenge of [
      `Bearer realm="${foreign.url}/token",service="test",scope="repository:team/app:pull"`,
      `Bearer realm="http://auth.hub.test/token",service="test"`,
      `Bearer realm="https://169.254.169.254/latest/meta-data",service="test"`,
    ]) {
      await onStage(
        async ({ cache }) => {
          const { status, body } = await cache.own.ask('GET', `${repository}/manifests/v1`);
          assert.equal(status, 502, body.toString());
          assert.match(body.toString(), /no credentials were sent/);
        },
        { auth: 'bearer', challenge },
        { username: 'sailor', password: 'env:PASSWORD' },
      );
    }
    assert.deepEqual(foreign.requests, []);
  });

  test('a redirect to another host brings it no credentials', async () => {
    await using blobHost = await startTestRegistry();
    await using upstream = await startTestRegistry({ auth: 'bearer' });
    const image = putImage(upstream.store, 'team/app', 'v1', [size]);
    const layer = image.layers[0] as Stage['layer'];
    blobHost.store.putBlob('store', layer.bytes);
    upstream.faults.add({ kind: 'redirect', to: `${blobHost.url}/v2/store/blobs/${layer.digest}`, path: layer.digest });
    const settings = { username: 'sailor', password: 'env:PASSWORD' };
    await using cache = await reused.start({ url: upstream.url, settings, env });
    const manifest = await cache.own.ask('GET', `${repository}/manifests/v1`);
    assert.equal(manifest.status, 200, manifest.body.toString());
    const got = await cache.own.ask('GET', `${repository}/blobs/${layer.digest}`);
    assert.ok(got.body.equals(layer.bytes));
    assert.equal(blobHost.requests.length, 1);
    assert.equal(blobHost.requests[0]?.authorization, undefined);
  });

  test('private addresses are refused unless the settings allow them, wherever they are named', async () => {
    await onStage(
      async ({ upstream, cache }) => {
        const { status, body } = await cache.own.ask('GET', `${repository}/manifests/v1`);
        assert.equal(status, 503);
        assert.match(body.toString(), /private network/);
        assert.equal(upstream.requests.length, 0);
      },
      {},
      { allowPrivate: 'false' },
    );
  });

  test('a secret that cannot be read is told of, and nothing is asked without it', async () => {
    await onStage(
      async ({ cache }) => {
        const { status, body } = await cache.own.ask('GET', `${repository}/manifests/v1`);
        assert.equal(status, 503);
        assert.match(body.toString(), /env:NONE holds no secret/);
      },
      { auth: 'bearer', tokens: { anonymousPull: true } },
      { username: 'sailor', password: 'env:NONE' },
    );
  });

  test('credentials that are out of date do not stand before public images', async () => {
    await onStage(
      async ({ cache, image }) => {
        const { status, body } = await cache.own.ask('GET', `${repository}/manifests/v1`);
        assert.equal(status, 200, body.toString());
        assert.deepEqual(body, image.manifest);
      },
      { auth: 'bearer', password: 'another', tokens: { anonymousPull: true } },
      { username: 'sailor', password: 'env:PASSWORD' },
    );
  });

  test('what an upstream does not show is as if it were not there', async () => {
    await onStage(
      async ({ cache }) => {
        const { status, body } = await cache.own.ask('GET', `${repository}/manifests/v1`);
        assert.equal(status, 404);
        assert.match(body.toString(), /MANIFEST_UNKNOWN.*or does not show it/);
      },
      { auth: 'bearer' },
    );
  });
});
