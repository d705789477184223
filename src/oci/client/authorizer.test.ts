import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistryOptions } from '../../../testing/registry/test-registry.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { silentLogger } from '../../base/logger.ts';
import { openNetwork } from '../../net/open-network.ts';
import { OciError } from '../error.ts';
import type { Credential, Keychain } from './credential.ts';
import { fetchBlob } from './fetch-blob.ts';
import { fetchManifest, resolveDigest } from './fetch-manifest.ts';
import { fixedKeychain } from './keychain/keychain.ts';
import { RegistryClient } from './registry-client.ts';

const image = makeSyntheticImage([{ a: 'a' }]);
const right: Credential = { kind: 'password', username: 'sailor', password: 'hold-fast' };
const wrong: Credential = { kind: 'password', username: 'sailor', password: 'let-go-now' };
const identity: Credential = { kind: 'identity-token', token: 'identity-0123' };

interface Case {
  readonly title: string;
  readonly registry: TestRegistryOptions;
  readonly credential?: Credential;
  /** Undefined when the manifest is to come. */
  readonly fails?: string;
  readonly message?: RegExp;
}

const tokens = { identityToken: 'identity-0123' };
const cases: readonly Case[] = [
  { title: 'Basic', registry: { auth: 'basic' }, credential: right },
  { title: 'Basic without credentials', registry: { auth: 'basic' }, fails: 'UNAUTHORIZED', message: /log in/ },
  {
    title: 'Basic with wrong ones',
    registry: { auth: 'basic' },
    credential: wrong,
    fails: 'UNAUTHORIZED',
    message: /check the credentials/,
  },
  { title: 'Basic with an identity token', registry: { auth: 'basic' }, credential: identity, fails: 'UNAUTHORIZED' },
  { title: 'Bearer', registry: { auth: 'bearer' }, credential: right },
  { title: 'Bearer, POST alone', registry: { auth: 'bearer', tokens: { methods: ['POST'] } }, credential: right },
  { title: 'Bearer, GET alone', registry: { auth: 'bearer', tokens: { methods: ['GET'] } }, credential: right },
  { title: 'Bearer, an identity token', registry: { auth: 'bearer', tokens }, credential: identity },
  {
    title: 'Bearer, named access_token',
    registry: { auth: 'bearer', tokens: { field: 'access_token' } },
    credential: right,
  },
  { title: 'Bearer for anyone', registry: { auth: 'bearer', tokens: { anonymousPull: true } } },
  {
    title: 'Bearer for anyone, whatever out-of-date credentials say',
    registry: { auth: 'bearer', tokens: { anonymousPull: true } },
    credential: wrong,
  },
  { title: 'Bearer without credentials', registry: { auth: 'bearer' }, fails: 'UNAUTHORIZED' },
  { title: 'Bearer with wrong ones', registry: { auth: 'bearer' }, credential: wrong, fails: 'UNAUTHORIZED' },
  {
    title: 'a wrong registry token',
    registry: { auth: 'bearer' },
    credential: { kind: 'registry-token', token: 'nope' },
    fails: 'UNAUTHORIZED',
  },
  {
    title: 'no challenge at all',
    registry: { auth: 'basic', challenge: '' },
    credential: right,
    fails: 'UNAUTHORIZED',
  },
  {
    title: 'a challenge nobody knows',
    registry: { auth: 'basic', challenge: 'Negotiate' },
    credential: right,
    fails: 'UNAUTHORIZED',
  },
  {
    title: 'an unreadable challenge',
    registry: { auth: 'basic', challenge: ', ,="' },
    credential: right,
    fails: 'UNAUTHORIZED',
  },
  {
    title: 'two challenges',
    registry: { auth: 'basic', challenge: 'Negotiate YIIabc=, Basic realm="a, b"' },
    credential: right,
  },
  {
    title: 'a realm without TLS',
    registry: { auth: 'bearer', realm: 'http://tokens.example.com/token' },
    credential: right,
    fails: 'REGISTRY_PROTOCOL',
    message: /no credentials were sent/,
  },
  {
    title: 'a realm of another scheme',
    registry: { auth: 'bearer', realm: 'file:///etc/passwd' },
    credential: right,
    fails: 'REGISTRY_PROTOCOL',
  },
  {
    title: 'no JSON for a token',
    registry: { auth: 'bearer', tokens: { rawAnswer: '<html>' } },
    credential: right,
    fails: 'REGISTRY_PROTOCOL',
  },
  {
    title: 'no token in the answer',
    registry: { auth: 'bearer', tokens: { rawAnswer: '{}' } },
    credential: right,
    fails: 'REGISTRY_PROTOCOL',
  },
  {
    title: 'a token that would split a header',
    registry: { auth: 'bearer', tokens: { rawAnswer: '{"token":"a\\r\\nX-Evil: 1"}' } },
    credential: right,
    fails: 'REGISTRY_PROTOCOL',
  },
  {
    title: 'an endless token',
    registry: { auth: 'bearer', tokens: { rawAnswer: `{"token":"${'a'.repeat(200_000)}"}` } },
    credential: right,
    fails: 'REGISTRY_PROTOCOL',
  },
  {
    title: 'a token service that is out of order',
    registry: { auth: 'bearer', faults: [{ kind: 'status', path: '/token', status: 503 }] },
    credential: right,
    fails: 'REGISTRY_UNAVAILABLE',
  },
  {
    title: 'a token service that is asked too often',
    registry: {
      auth: 'bearer',
      faults: [{ kind: 'status', path: '/token', status: 429, headers: { 'retry-after': '600' } }],
    },
    credential: right,
    fails: 'RATE_LIMITED',
  },
];

test('Authorizer proves who asks, or ends in a coded error without a secret', async (t) => {
  for (const { title, registry: options, credential, fails, message } of cases) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry(options);
      await using network = openNetwork({ clock: instantClock() });
      const digest = storeImage(registry.store, 'team/app', 'v1', image);
      const keychain = credential === undefined ? {} : { keychain: fixedKeychain(credential) };
      const client = new RegistryClient(network, registry.host, keychain);
      const fetched = fetchManifest(client, 'team/app', 'v1');
      if (fails === undefined) {
        assert.equal((await fetched).descriptor.digest, digest);
        return;
      }
      await assert.rejects(fetched, (error) => {
        assert.ok(isSeaworthyError(error), String(error));
        assert.equal(error.code, fails, error.message);
        if (message !== undefined) assert.match(error.message, message);
        assert.doesNotMatch(error.message, /hold-fast|let-go-now|identity-0123/);
        return true;
      });
    });
  }
});

test('Authorizer sends a registry token as it is', async () => {
  await using registry = await startTestRegistry({ auth: 'bearer' });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host, {
    keychain: fixedKeychain({ kind: 'registry-token', token: 'given.by-hand' }),
  });
  await assert.rejects(fetchManifest(client, 'team/app', 'v1'), { code: 'UNAUTHORIZED' });
  assert.deepEqual(
    registry.requests.map(({ path, authorization }) => [path, authorization]),
    [
      ['/v2/', undefined],
      ['/v2/team/app/manifests/v1', undefined],
      ['/v2/team/app/manifests/v1', 'Bearer given.by-hand'],
    ],
  );
});

test('Authorizer sends credentials to a realm on another port, which the registry names for itself', async () => {
  await using service = await startTestRegistry();
  await using registry = await startTestRegistry({ auth: 'bearer', realm: `${service.url}/token` });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host, { keychain: fixedKeychain(right) });
  await assert.rejects(fetchManifest(client, 'team/app', 'v1'), { code: 'UNAUTHORIZED' });
  const [asked] = service.requests;
  const form = new URLSearchParams(asked?.body);
  assert.equal(asked?.method, 'POST');
  assert.deepEqual(
    [form.get('grant_type'), form.get('scope'), form.get('service')],
    ['password', 'repository:team/app:pull', 'test'],
  );
});

test('Authorizer carries a form with a password along no redirect', async () => {
  await using other = await startTestRegistry();
  await using registry = await startTestRegistry({
    auth: 'bearer',
    faults: [{ kind: 'redirect', path: '/token', to: `${other.url}/token`, status: 307 }],
  });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host, { keychain: fixedKeychain(right) });
  await assert.rejects(fetchManifest(client, 'team/app', 'v1'), { code: 'REGISTRY_PROTOCOL' });
  assert.deepEqual(other.requests, []);
});

test('Authorizer sends refused credentials to a token service no second time', async () => {
  await using registry = await startTestRegistry({
    auth: 'bearer',
    tokens: { anonymousPull: true },
    faults: [{ kind: 'status', path: '/manifests/', status: 401 }],
  });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host, { keychain: fixedKeychain(wrong) });
  await assert.rejects(fetchManifest(client, 'team/app', 'v1'), {
    code: 'UNAUTHORIZED',
    message: /incorrect username/,
  });
  assert.deepEqual(
    registry.requests
      .filter(({ path }) => path.startsWith('/token'))
      .map(({ method, authorization }) => [method, authorization]),
    [
      ['POST', undefined],
      ['GET', `Basic ${Buffer.from('sailor:let-go-now').toString('base64')}`],
      ['GET', undefined],
    ],
  );
});

test('Authorizer looks for credentials only when it is asked for them', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork({ clock: instantClock() });
  storeImage(registry.store, 'team/app', 'v1', image);
  const keychain: Keychain = { find: () => Promise.reject(new Error('the keychain was opened')) };
  const client = new RegistryClient(network, registry.host, { keychain });
  await fetchManifest(client, 'team/app', 'v1');
});

test('Authorizer fetches one token for many requests, another when it is old, another when it is refused', async () => {
  await using registry = await startTestRegistry({ auth: 'bearer', tokens: { expiresInSeconds: 100 } });
  const clock = instantClock();
  await using network = openNetwork({ clock });
  storeImage(registry.store, 'team/app', 'v1', image);
  const client = new RegistryClient(network, registry.host, { keychain: fixedKeychain(right) });
  await Promise.all(Array.from({ length: 6 }, () => fetchManifest(client, 'team/app', 'v1')));
  assert.equal(registry.tokens.issued, 1);
  clock.skip(89_000);
  await fetchManifest(client, 'team/app', 'v1');
  assert.equal(registry.tokens.issued, 1);
  clock.skip(2000);
  await Promise.all([fetchManifest(client, 'team/app', 'v1'), fetchManifest(client, 'team/app', 'v1')]);
  assert.equal(registry.tokens.issued, 2);
  registry.tokens.revoke();
  await fetchManifest(client, 'team/app', 'v1');
  assert.equal(registry.tokens.issued, 3);
});

test('Authorizer looks credentials up anew when they say that they are over', async () => {
  for (const auth of ['basic', 'bearer'] as const) {
    await using registry = await startTestRegistry({ auth, tokens: { expiresInSeconds: 100 } });
    const clock = instantClock();
    await using network = openNetwork({ clock });
    storeImage(registry.store, 'team/app', 'v1', image);
    let searches = 0;
    const keychain: Keychain = {
      find() {
        searches += 1;
        // The second search finds some that the registry does not take.
        return Promise.resolve({ ...(searches === 2 ? wrong : right), staleAt: clock.now() + 600_000 } as Credential);
      },
    };
    const client = new RegistryClient(network, registry.host, { keychain });
    const pull = () => fetchManifest(client, 'team/app', 'v1');
    await Promise.all([pull(), pull()]);
    clock.skip(590_000);
    await pull();
    assert.equal(searches, 1);
    clock.skip(10_000);
    registry.tokens.revoke();
    await assert.rejects(pull(), { code: 'UNAUTHORIZED' });
    assert.equal(searches, 2);
    // None of them is told to anybody, now or later.
    clock.skip(600_000);
    await Promise.all([pull(), pull()]);
    assert.equal(searches, 3);
    assert.ok(client.secrets.includes('hold-fast') && client.secrets.includes('let-go-now'));
  }
});

test('credentials that cannot be had do not stand before public images, and are the reason where there are none', async () => {
  const reason = new OciError('CREDENTIALS_UNAVAILABLE', 'There is no role; give one');
  const keychain: Keychain = { find: () => Promise.reject(reason) };
  for (const [options, isPublic] of [
    [{ auth: 'bearer', tokens: { anonymousPull: true } }, true],
    [{ auth: 'bearer' }, false],
    [{ auth: 'basic' }, false],
  ] as const) {
    await using registry = await startTestRegistry(options);
    await using network = openNetwork({ clock: instantClock() });
    storeImage(registry.store, 'team/app', 'v1', image);
    const said: string[] = [];
    const logger = {
      ...silentLogger,
      warn: (text: string, fields?: object) => said.push(text + JSON.stringify(fields)),
    };
    const client = new RegistryClient(network, registry.host, { keychain, logger });
    const pull = fetchManifest(client, 'team/app', 'v1');
    if (isPublic) {
      await pull;
      assert.equal(said.length, 1);
      assert.match(said[0] ?? '', /cannot be had; going on without them.*There is no role/);
    } else {
      await assert.rejects(pull, (error) => error === reason);
      assert.deepEqual(said, []);
    }
  }
});

test('resolveDigest() asks without fetching', async () => {
  await using registry = await startTestRegistry({ auth: 'bearer' });
  await using network = openNetwork({ clock: instantClock() });
  const digest = storeImage(registry.store, 'team/app', 'v1', image);
  const client = new RegistryClient(network, registry.host, { keychain: fixedKeychain(right) });
  assert.equal(await resolveDigest(client, 'team/app', 'v1'), digest);
  await assert.rejects(resolveDigest(client, 'team/app', 'v2'), { code: 'IMAGE_NOT_FOUND' });
  assert.ok(
    registry.requests.filter(({ path }) => path.includes('manifests')).every(({ method }) => method === 'HEAD'),
  );
});

test('fetchBlob() gives its place at the host back when its reader stops', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork({ widthPerHost: 1 });
  const bytes = Buffer.alloc(5_000_000, 'x');
  const digest = registry.store.putBlob('team/app', bytes);
  const client = new RegistryClient(network, registry.host);
  const descriptor = { digest: digest as never, size: bytes.length };
  for (let round = 0; round < 3; round += 1) {
    for await (const chunk of fetchBlob(client, 'team/app', descriptor)) {
      assert.ok(chunk.length > 0);
      break;
    }
  }
});
