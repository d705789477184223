import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { after, describe, test } from 'node:test';
import type { Logger } from '../../base/logger.ts';
import { openNetwork } from '../../net/open-network.ts';
import { OciError } from '../../oci/error.ts';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { makeHelper } from '../../../testing/registry/credential-helper.ts';
import { impatientClock, putImage } from '../../../testing/registry/own-cache.ts';
import { reuseRegistry } from '../../../testing/registry/reused-registry.ts';
import { startTestRegistry, type TestRegistryOptions } from '../../../testing/registry/test-registry.ts';

const reused = reuseRegistry();
const posix = { skip: process.platform === 'win32' ? 'helpers in this test are shell scripts' : false };
const hour = 3_600_000;

/** How the helpers of clouds prove who asks: for twelve hours by Basic at ECR, and for one by a token service at Google. */
const clouds: readonly (readonly [helper: string, username: string, auth: 'basic' | 'bearer'])[] = [
  ['ecr-login', 'AWS', 'basic'],
  ['gcloud', '_dcgcloud_token', 'bearer'],
];

/** A log, all levels of it, as texts. */
function memoryLog(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (message: string, fields?: object): void => {
    lines.push(`${message} ${inspect(fields, { depth: 12, showHidden: true })}`);
  };
  return { logger: { debug: write, info: write, warn: write, error: write }, lines };
}

describe('credentials for upstreams', () => {
  after(() => reused[Symbol.asyncDispose]());

  for (const [name, username, auth] of clouds) {
    const open = (): ReturnType<typeof makeHelper> => makeHelper(name, username, 'first-secret-of-a-cloud');
    const options = (password: string): TestRegistryOptions => ({ auth, username, password });

    test(
      `${name} is asked once for all repositories, about its own upstream alone, and again before its answer is over`,
      posix,
      async () => {
        using helper = open();
        await using upstream = await startTestRegistry(options('first-secret-of-a-cloud'));
        for (const repository of ['one/app', 'two/app', 'three/app']) putImage(upstream.store, repository, 'v1', [10]);
        await using cache = await reused.start({ url: upstream.url, settings: { helper: name }, env: helper.env });
        await Promise.all(
          ['one', 'two', 'three'].map(async (repository) => {
            const got = await cache.own.ask('GET', `hub.test/${repository}/app/manifests/v1`);
            assert.equal(got.status, 200, got.body.toString());
          }),
        );
        assert.deepEqual(helper.asked(), [`get ${upstream.host}`]);
        cache.clock.ahead += hour;
        await cache.own.ask('GET', 'hub.test/one/app/manifests/v1');
        assert.equal(helper.asked().length, 2);
      },
    );

    test(
      `what ${name} said is looked up anew when the upstream refuses it, and the request goes on`,
      posix,
      async () => {
        using helper = open();
        await using upstream = await startTestRegistry(options('second-secret-of-a-cloud'));
        const image = putImage(upstream.store, 'team/app', 'v1', [10]);
        await using cache = await reused.start({ url: upstream.url, settings: { helper: name }, env: helper.env });
        const refused = await cache.own.ask('GET', 'hub.test/team/app/manifests/v1');
        assert.equal(refused.status, 404);
        helper.set(username, 'second-secret-of-a-cloud');
        // Within a minute nobody looks again, so that a wrong one costs little.
        cache.clock.ahead += 40_000;
        assert.equal((await cache.own.ask('GET', 'hub.test/team/app/manifests/v1')).status, 404);
        assert.equal(helper.asked().length, 1);
        cache.clock.ahead += 40_000;
        const got = await cache.own.ask('GET', 'hub.test/team/app/manifests/v1');
        assert.equal(got.status, 200, got.body.toString());
        assert.deepEqual(got.body, image.manifest);
        assert.equal(helper.asked().length, 2);
      },
    );

    test(
      `nothing of what ${name} said, nor of tokens for it, reaches a log, a client or another host`,
      posix,
      async () => {
        using helper = open();
        const { logger, lines } = memoryLog();
        await using storage = await startTestRegistry();
        await using upstream = await startTestRegistry(options('first-secret-of-a-cloud'));
        const image = putImage(upstream.store, 'team/app', 'v1', [200_000]);
        const [layer] = image.layers as [(typeof image.layers)[number]];
        storage.store.putBlob('s', layer.bytes);
        upstream.faults.add({ kind: 'redirect', to: `${storage.url}/v2/s/blobs/${layer.digest}`, path: layer.digest });
        await using network = openNetwork({ logger });
        const setup = {
          url: upstream.url,
          settings: { helper: name, notFoundFor: '0s' },
          env: helper.env,
          logger,
          network,
        };
        await using cache = await reused.start(setup);
        const answers = [await cache.own.ask('GET', 'hub.test/team/app/manifests/v1')];
        assert.equal(answers[0]?.status, 200, answers[0]?.body.toString());
        const blob = await cache.own.ask('GET', `hub.test/team/app/blobs/${layer.digest}`);
        assert.ok(blob.body.equals(layer.bytes));
        assert.deepEqual(
          storage.requests.map(({ authorization }) => authorization),
          [undefined],
        );
        const shown = [...new Set(upstream.requests.map(({ authorization }) => authorization ?? ''))].filter(Boolean);
        assert.ok(shown.length > 0);
        const secrets = ['first-secret-of-a-cloud', ...shown.map((value) => value.slice(value.indexOf(' ') + 1))];
        // An upstream that tells everybody what it was shown.
        const body = JSON.stringify({
          errors: [{ code: 'DENIED', message: `you are ${shown.join()} ${secrets.join()}` }],
        });
        for (const status of [400, 403, 404, 429, 500]) {
          upstream.faults.add({ kind: 'status', status, body, path: '/manifests/x', times: 3 });
          answers.push(await cache.own.ask('GET', `hub.test/team/app/manifests/x${status}`));
          cache.clock.ahead += 2 * hour;
        }
        const texts = [
          ...lines,
          ...answers.map(({ body: told, headers }) => `${told.toString()} ${inspect([...headers])}`),
          inspect(cache.events),
        ];
        assert.ok(lines.length > 5);
        for (const text of texts) for (const secret of secrets) assert.ok(!text.includes(secret), text.slice(0, 400));
      },
    );
  }

  test('what this process is at a cloud is asked for the host that it is shown to, and kept by the cloud itself', async () => {
    await using upstream = await startTestRegistry({ auth: 'basic', username: 'AWS', password: 'token-of-a-cloud' });
    for (const tag of ['a', 'b', 'c']) putImage(upstream.store, 'team/app', tag, [10]);
    const asked: string[] = [];
    const clock = impatientClock();
    await using network = openNetwork({ clock });
    const clouds: NonNullable<Parameters<typeof reused.start>[0]['clouds']> = {
      of: (name) => ({
        find(registry) {
          asked.push(`${name} ${registry}`);
          const password = 'token-of-a-cloud';
          return Promise.resolve({ kind: 'password', username: 'AWS', password, staleAt: clock.now() + 600_000 });
        },
      }),
    };
    const settings = { provider: 'amazon' };
    await using cache = await reused.start({ url: upstream.url, settings, clouds, network, clock });
    const get = async (tag: string): Promise<void> => {
      const got = await cache.own.ask('GET', `hub.test/team/app/manifests/${tag}`);
      assert.equal(got.status, 200, got.body.toString());
    };
    await Promise.all([get('a'), get('b')]);
    assert.deepEqual(asked, [`amazon ${upstream.host}`]);
    clock.ahead += 600_000;
    await get('c');
    assert.equal(asked.length, 2);
  });

  test('credentials of a cloud that cannot be had are told of as an upstream that cannot be asked', async () => {
    await using upstream = await startTestRegistry({ auth: 'basic' });
    putImage(upstream.store, 'team/app', 'v1', [10]);
    const failure = new OciError('CREDENTIALS_UNAVAILABLE', 'There is no role; give one');
    const clouds = { of: () => ({ find: () => Promise.reject(failure) }) };
    await using cache = await reused.start({ url: upstream.url, settings: { provider: 'amazon' }, clouds });
    const got = await cache.own.ask('GET', 'hub.test/team/app/manifests/v1');
    assert.equal(got.status, 503);
    assert.match(got.body.toString(), /There is no role; give one/);
  });

  test('a token is got once for a repository, and another before it is over', async () => {
    const tokens = { expiresInSeconds: 600 };
    await using upstream = await startTestRegistry({ auth: 'bearer', tokens });
    for (const tag of ['a', 'b', 'c', 'd']) putImage(upstream.store, 'team/app', tag, [10]);
    const clock = impatientClock();
    await using network = openNetwork({ clock });
    const settings = { username: 'sailor', password: 'env:PASSWORD' };
    const env = { PASSWORD: 'hold-fast' };
    await using cache = await reused.start({ url: upstream.url, settings, env, network, clock });
    const get = async (tag: string): Promise<void> => {
      const got = await cache.own.ask('GET', `hub.test/team/app/manifests/${tag}`);
      assert.equal(got.status, 200, got.body.toString());
    };
    await Promise.all([get('a'), get('b')]);
    await get('c');
    assert.equal(upstream.tokens.issued, 1);
    clock.ahead += 570_000;
    upstream.tokens.revoke();
    await get('d');
    assert.equal(upstream.tokens.issued, 2);
    // The one that would be over soon was not sent once more.
    assert.equal(upstream.requests.at(-3)?.authorization, undefined);
  });

  test('an upstream with a certificate of a private authority is asked where that is trusted, and told of where not', async () => {
    const authority = makeCertificate('authority');
    const tls = makeCertificate('upstream', { issuer: authority, ips: ['127.0.0.1'] });
    const other = makeCertificate('upstream', { issuer: makeCertificate('authority'), ips: ['127.0.0.1'] });
    for (const [served, status] of [
      [tls, 200],
      [other, 503],
    ] as const) {
      await using upstream = await startTestRegistry({ tls: served, auth: 'bearer', tokens: { anonymousPull: true } });
      const image = putImage(upstream.store, 'team/app', 'v1', [100_000]);
      await using network = openNetwork({
        tls: { authorities: [{ name: 'authority', pem: Buffer.from(authority.cert) }] },
      });
      await using cache = await reused.start({ url: upstream.url, network });
      assert.match(upstream.url, /^https:/);
      const got = await cache.own.ask('GET', 'hub.test/team/app/manifests/v1');
      assert.equal(got.status, status, got.body.toString());
      if (status === 200) {
        const [layer] = image.layers as [(typeof image.layers)[number]];
        assert.ok((await cache.own.ask('GET', `hub.test/team/app/blobs/${layer.digest}`)).body.equals(layer.bytes));
      } else {
        assert.match(got.body.toString(), /certificate/);
        assert.equal(upstream.requests.length, 0);
      }
    }
  });
});
