import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  type OwnCache,
  putImage,
  startOwnCache,
  type UpstreamImage,
  upstreamsConfig,
} from '../../../testing/registry/own-cache.ts';
import type { OwnAnswer } from '../../../testing/registry/own-registry.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import type { Fault } from '../../../testing/registry/fault.ts';
import type { TagWrite } from '../content/content.ts';
import { RegistryError } from '../error.ts';

const reused = reuseRegistry();

const minute = 60_000;

interface Stage {
  readonly upstream: TestRegistry;
  readonly cache: OwnCache;
  readonly image: UpstreamImage;
  readonly get: (reference?: string) => Promise<OwnAnswer>;
  /** Methods of the requests that came since the last look. */
  readonly seen: () => readonly string[];
}

async function onStage(run: (stage: Stage) => Promise<void>, settings: object = {}): Promise<void> {
  await using upstream = await startTestRegistry();
  const image = putImage(upstream.store, 'team/app', 'v1', [10]);
  await using cache = await reused.start({ url: upstream.url, settings });
  let looked = 0;
  await run({
    upstream,
    cache,
    image,
    get: (reference = 'v1') => cache.own.ask('GET', `hub.test/team/app/manifests/${reference}`),
    seen() {
      const since = upstream.requests.slice(looked);
      looked = upstream.requests.length;
      return since.map(
        ({ method, path }) => `${method} ${path.includes('@') || path.includes(':') ? 'digest' : 'tag'}`,
      );
    },
  });
}

describe('tags of an upstream', () => {
  after(() => reused[Symbol.asyncDispose]());

  test('a tag is asked for again after its time, and fetched again only when it moved', async () => {
    await onStage(async ({ upstream, cache, image, get, seen }) => {
      assert.deepEqual((await get()).body, image.manifest);
      assert.deepEqual(seen(), ['GET tag']);
      cache.clock.ahead += 4 * minute;
      await get();
      assert.deepEqual(seen(), []);
      cache.clock.ahead += 2 * minute;
      assert.deepEqual((await get()).body, image.manifest);
      assert.deepEqual(seen(), ['HEAD tag']);
      await get();
      assert.deepEqual(seen(), []);
      const second = putImage(upstream.store, 'team/app', 'v1', [11]);
      assert.deepEqual((await get()).body, image.manifest, 'within its time');
      cache.clock.ahead += 6 * minute;
      assert.deepEqual((await get()).body, second.manifest);
      assert.deepEqual(seen(), ['HEAD tag', 'GET digest']);
      // What it was is here still.
      assert.deepEqual((await get(image.digest)).body, image.manifest);
      upstream.store.putManifest('team/app', 'v1', 'application/vnd.oci.image.manifest.v1+json', image.manifest);
      cache.clock.ahead += 6 * minute;
      assert.deepEqual((await get()).body, image.manifest);
      assert.deepEqual(seen(), ['HEAD tag'], 'it moved back to what is kept');
    });
  });

  test('a tag is fetched where the upstream does not say its digest', async () => {
    await onStage(async ({ upstream, cache, image, get, seen }) => {
      await get();
      cache.clock.ahead += 6 * minute;
      upstream.faults.add({ kind: 'without', header: 'docker-content-digest', path: '/manifests/' });
      seen();
      assert.deepEqual((await get()).body, image.manifest);
      assert.deepEqual(seen(), ['HEAD tag', 'GET tag']);
      // A digest that there is not, as of a server that is behind.
      upstream.faults.clear();
      upstream.faults.add({ kind: 'wrong-digest-header', path: '/manifests/', method: 'HEAD' });
      cache.clock.ahead += 6 * minute;
      assert.deepEqual((await get()).body, image.manifest);
      assert.deepEqual(seen(), ['HEAD tag', 'GET digest', 'GET tag']);
    });
  });

  const outages: readonly (readonly [title: string, fault: Fault, status: number])[] = [
    ['says 429', { kind: 'status', status: 429, headers: { 'retry-after': '40' }, path: '/' }, 429],
    ['says 500', { kind: 'status', status: 500, path: '/' }, 503],
    ['says 503', { kind: 'status', status: 503, path: '/' }, 503],
    ['hangs up', { kind: 'drop', path: '/' }, 503],
    ['sends a web page', { kind: 'status', status: 200, headers: { 'content-type': 'text/html' }, path: '/' }, 502],
  ];

  for (const [title, fault, status] of outages) {
    test(`what is known is served while the upstream ${title}`, async () => {
      await onStage(async ({ upstream, cache, image, get, seen }) => {
        await get();
        assert.equal((await get('none')).status, 404);
        upstream.faults.add(fault);
        cache.clock.ahead += 6 * minute;
        for (let round = 0; round < 3; round += 1) {
          const got = await get();
          assert.equal(got.status, 200, got.body.toString());
          assert.deepEqual(got.body, image.manifest);
          assert.equal(got.headers.get('warning'), '110 - "Response is Stale"');
        }
        assert.ok((await cache.metric('upstream_found_total{kind="manifest",result="stale"}')) >= 3);
        assert.equal(cache.events.filter(({ kind }) => kind === 'stale').length, 1, 'one of them asked');
        const unknown = await get('v2');
        assert.equal(unknown.status, status, unknown.body.toString());
        assert.doesNotMatch(unknown.body.toString(), /MANIFEST_UNKNOWN/);
        if (status === 429) assert.ok(Number(unknown.headers.get('retry-after')) > 30);
        // By digest nothing can be out of date.
        assert.equal((await get(image.digest)).headers.get('warning'), null);
        upstream.faults.clear();
        cache.clock.ahead += 2 * minute;
        seen();
        const again = await get();
        assert.equal(again.headers.get('warning'), null);
        assert.deepEqual(seen(), ['HEAD tag']);
      });
    });
  }

  test('an upstream that is away is left alone, but for one request every so often', async () => {
    await onStage(async ({ upstream, cache, get }) => {
      await get();
      await upstream.close();
      const before = await cache.metric(
        'upstream_requests_total{upstream="hub.test",kind="manifest",outcome="failed"}',
      );
      for (let round = 0; round < 30; round += 1) assert.equal((await get(`v${round + 2}`)).status, 503);
      const count = (): Promise<number> =>
        cache.metric('upstream_requests_total{upstream="hub.test",kind="manifest",outcome="failed"}');
      assert.equal((await count()) - before, 5);
      cache.clock.ahead += 20_000;
      for (let round = 0; round < 10; round += 1) assert.equal((await get(`w${round}`)).status, 503);
      assert.equal((await count()) - before, 6);
      cache.clock.ahead += 6 * minute;
      assert.equal((await get()).status, 200);
    });
  });

  test('that there is none is remembered for a moment, and a tag that is gone is taken away', async () => {
    await onStage(async ({ upstream, cache, image, get, seen }) => {
      for (let round = 0; round < 3; round += 1) assert.equal((await get('none')).status, 404);
      assert.deepEqual(seen(), ['GET tag']);
      putImage(upstream.store, 'team/app', 'none', [5]);
      cache.clock.ahead += minute;
      assert.equal((await get('none')).status, 200);
      await get();
      upstream.store.deleteManifest('team/app', 'v1');
      cache.clock.ahead += 6 * minute;
      assert.equal((await get()).status, 404);
      assert.deepEqual(
        cache.events.map(({ kind, reference }) => `${kind} ${reference}`),
        ['gone v1'],
      );
      // Not even while the upstream is away is it there again.
      await upstream.close();
      cache.clock.ahead += 6 * minute;
      assert.equal((await get()).status, 503);
      assert.deepEqual((await get(image.digest)).body, image.manifest);
    });
  });

  test('what is out of date is served for no longer than the settings say', async () => {
    await onStage(
      async ({ upstream, cache, get }) => {
        await get();
        await upstream.close();
        cache.clock.ahead += 50 * minute;
        assert.equal((await get()).status, 200);
        cache.clock.ahead += 20 * minute;
        assert.equal((await get()).status, 503);
      },
      { staleFor: '1h' },
    );
  });

  test('rules say which repositories are fetched, before anything is asked, and of what is kept too', async () => {
    await onStage(async ({ upstream, cache, image, get, seen }) => {
      const [layer] = image.layers;
      const mount = `mine/blobs/uploads/?mount=${layer?.digest}`;
      await get();
      assert.equal((await cache.own.ask('GET', `hub.test/team/app/blobs/${layer?.digest}`)).status, 200);
      seen();
      const registries = [
        { host: 'hub.test', url: upstream.url, allowPrivate: 'true', allow: ['team/**'], deny: ['team/app*'] },
      ];
      cache.upstreams.apply(upstreamsConfig({ registries }));
      const denied = await get();
      assert.equal(denied.status, 403);
      assert.match(denied.body.toString(), /deny \\"team\/app\*\\" is about it/);
      for (const [path, words] of [
        ['hub.test/other/app/manifests/v1', /no pattern of allow/],
        ['hub.test/other/app/tags/list', /no pattern of allow/],
        [`hub.test/team/app2/blobs/sha256:${'a'.repeat(64)}`, /deny/],
        [`hub.test/team/app2/referrers/sha256:${'a'.repeat(64)}`, /deny/],
      ] as const) {
        const answer = await cache.own.ask('GET', path);
        assert.equal(answer.status, 403);
        assert.match(answer.body.toString(), words);
      }
      for (const query of [mount, `${mount}&from=hub.test/team/app`])
        assert.equal((await cache.own.ask('POST', query)).status, 202, query);
      assert.equal((await cache.own.ask('GET', `mine/blobs/${layer?.digest}`)).status, 404);
      assert.deepEqual(seen(), []);
      assert.equal((await cache.own.ask('GET', 'hub.test/team/b/manifests/v1')).status, 404);
      assert.deepEqual(seen(), ['GET tag']);
    });
  });

  test('a budget bounds what is asked in a time, and what is known is served beyond', async () => {
    await onStage(
      async ({ upstream, cache, get, seen }) => {
        for (const tag of ['v2', 'v3']) putImage(upstream.store, 'team/app', tag, [5]);
        await get();
        await get('v2');
        const refused = await get('v3');
        assert.equal(refused.status, 429);
        assert.ok(Number(refused.headers.get('retry-after')) > 3000);
        cache.clock.ahead += 10 * minute;
        assert.equal((await get()).headers.get('warning'), null, 'HEAD is counted by itself');
        putImage(upstream.store, 'team/app', 'v1', [6]);
        cache.clock.ahead += 10 * minute;
        assert.equal((await get()).headers.get('warning'), '110 - "Response is Stale"');
        assert.deepEqual(seen(), ['GET tag', 'GET tag', 'HEAD tag', 'HEAD tag']);
        cache.clock.ahead += 60 * minute;
        assert.equal((await get('v3')).status, 200);
      },
      { budget: { manifests: '2', per: '1h' } },
    );
  });

  test('a budget of manifests is not used up by answers that ask for a token', async () => {
    await using upstream = await startTestRegistry({ auth: 'bearer' });
    const repositories = ['team/a', 'team/b', 'team/c'];
    for (const repository of repositories) putImage(upstream.store, repository, 'v1', [10]);
    const settings = { username: 'sailor', password: 'env:PASSWORD', budget: { manifests: '2', per: '1h' } };
    await using cache = await reused.start({ url: upstream.url, settings, env: { PASSWORD: 'hold-fast' } });
    const statuses: number[] = [];
    for (const repository of repositories) {
      statuses.push((await cache.own.ask('GET', `hub.test/${repository}/manifests/v1`)).status);
    }
    assert.deepEqual(statuses, [200, 200, 429]);
  });

  test('limits that an upstream tells are metrics', async () => {
    await onStage(async ({ upstream, cache, get }) => {
      const headers = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' };
      upstream.faults.add({ kind: 'status', status: 404, headers, path: '/manifests/' });
      await get();
      assert.equal(await cache.metric('upstream_ratelimit_limit{upstream="hub.test"}'), 100);
      assert.equal(await cache.metric('upstream_ratelimit_remaining{upstream="hub.test"}'), 76);
    });
  });

  test('a tag that a rule of the registry holds stays, though the upstream moved it', async () => {
    await using upstream = await startTestRegistry();
    const image = putImage(upstream.store, 'team/app', 'v1', [10]);
    const guard = {
      refusal: ({ current, next }: TagWrite) =>
        current !== undefined && current.digest !== next
          ? new RegistryError('DENIED', 'the rule "releases" holds it')
          : undefined,
      isHeld: () => false,
    };
    await using cache = await startOwnCache({ url: upstream.url, registry: { guard, blobs: await reused.blobs() } });
    const get = (): Promise<OwnAnswer> => cache.own.ask('GET', 'hub.test/team/app/manifests/v1');
    await get();
    putImage(upstream.store, 'team/app', 'v1', [11]);
    cache.clock.ahead += 6 * minute;
    assert.deepEqual((await get()).body, image.manifest);
    assert.equal(cache.events[0]?.kind, 'held');
    upstream.store.deleteManifest('team/app', 'v1');
    cache.clock.ahead += 6 * minute;
    assert.equal((await get()).status, 404);
  });
});
