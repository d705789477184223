import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import { openPostgresDatabase } from '../../src/store/sql/postgres/open.ts';
import { attestationEntry, buildImage, buildIndex } from '../../testing/image/image-builder.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { checkLayout, store } from '../../testing/registry/check-layout.ts';
import { layoutClients, openClientHome } from '../../testing/registry/client-programs.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { putImage, startOwnCache } from '../../testing/registry/own-cache.ts';
import { startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';
import { postgresMissing, startPostgres, type PostgresServer } from '../../testing/store/postgres-server.ts';

const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 2_654_435_761) >>> 11));
const image = buildImage({
  layers: [{ tar: [file('etc/os-release', 'ID=test\n')] }, { tar: [file('opt/noise', noise)] }],
});
const arm = buildImage({
  layers: [{ tar: [file('etc/os-release', 'ID=arm\n')] }],
  platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
});
const contents = { image, index: buildIndex([{ content: image }, { content: arm }, attestationEntry(image)]) };

describe('real clients pull through the cache', () => {
  for (const client of layoutClients) {
    for (const [name, content] of Object.entries(contents)) {
      test(
        `${client.name} pulls ${name}, twice with one request for each object`,
        needsProgram(client.name),
        async () => {
          const asked: string[] = [];
          await using upstream = await startOwnRegistry({
            observe: ({ request }) => void asked.push(`${request.method} ${request.url}`),
          });
          await store(upstream, `team/${name}`, 'v1', content);
          await using cache = await startOwnCache({ url: upstream.url });
          asked.length = 0;
          using home = openClientHome();
          for (const place of ['first', 'second']) {
            const layout = home.path(place);
            await client.pull(home, `${cache.own.host}/hub.test/team/${name}:v1`, layout);
            checkLayout(layout, content);
          }
          const gets = asked.filter((line) => line.startsWith('GET'));
          assert.equal(new Set(gets).size, gets.length, gets.join('\n'));
        },
      );
    }
  }

  test('podman pulls an image, and again while the upstream is away', needsProgram('podman'), async () => {
    await using cleanup = new AsyncDisposableStack();
    const upstream = await startOwnRegistry();
    await store(upstream, 'team/app', 'v1', image);
    const cache = cleanup.use(await startOwnCache({ url: upstream.url, settings: { ttl: '0s' } }));
    const reference = `${cache.own.host}/hub.test/team/app:v1`;
    for (const round of [1, 2]) {
      using home = openClientHome();
      await home.run('podman', 'pull', '--quiet', '--tls-verify=false', reference);
      assert.ok((await home.run('podman', 'images', '--quiet', '--no-trunc')).includes(image.config.digest));
      if (round === 1) await upstream[Symbol.asyncDispose]();
    }
  });

  test('skopeo lists the tags of an upstream', needsProgram('skopeo'), async () => {
    await using upstream = await startTestRegistry({ pageSize: 2 });
    for (const tag of ['a', 'b', 'c', 'd', 'e']) putImage(upstream.store, 'team/app', tag, []);
    await using cache = await startOwnCache({ url: upstream.url });
    using home = openClientHome();
    const listed = await home.run(
      'skopeo',
      'list-tags',
      '--tls-verify=false',
      `docker://${cache.own.host}/hub.test/team/app`,
    );
    assert.deepEqual((JSON.parse(listed) as { Tags: unknown }).Tags, ['a', 'b', 'c', 'd', 'e']);
  });
});

describe('replicas on PostgreSQL', () => {
  const skip = postgresMissing();
  let server: PostgresServer;
  before(async () => {
    if (skip === false) server = await startPostgres();
  });
  after(async () => {
    if (skip === false) await server[Symbol.asyncDispose]();
  });

  test('ask an upstream once for each object, though each has a spool of its own', { skip }, async () => {
    using blobs = temporaryDirectory();
    await using opened = new AsyncDisposableStack();
    const upstream = opened.use(await startTestRegistry());
    const built = putImage(upstream.store, 'team/app', 'v1', [2_000_000, 400_000, 10]);
    const { promise: event, resolve: release } = Promise.withResolvers<void>();
    upstream.faults.add({ kind: 'until', path: built.layers[0]?.digest as string, after: 1_000_000, event });
    const url = await server.createDatabase();
    const caches = await Promise.all(
      [0, 1].map(async () => {
        const database = opened.use(await openPostgresDatabase({ url, poolSize: 6 }));
        const shared = opened.use(await openFilesystemBlobStore({ folder: blobs.path }));
        return startOwnCache({ url: upstream.url, registry: { database, blobs: shared } });
      }),
    );
    for (const cache of caches) opened.use(cache);
    setTimeout(release, 500);
    await Promise.all(
      Array.from({ length: 16 }, async (_, at) => {
        const { own } = caches[at % 2] as (typeof caches)[number];
        const manifest = await own.ask('GET', 'hub.test/team/app/manifests/v1');
        assert.deepEqual(manifest.body, built.manifest, manifest.body.toString());
        await Promise.all(
          [built.config, ...built.layers].map(async ({ digest, bytes }) => {
            assert.ok((await own.ask('GET', `hub.test/team/app/blobs/${digest}`)).body.equals(bytes));
          }),
        );
      }),
    );
    assert.equal(upstream.requests.length, 5, upstream.requests.map(({ path }) => path).join('\n'));
  });
});
