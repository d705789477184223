import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { makeSyntheticImage, storeImage, storeIndex } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { isSeaworthyError } from '../../base/error.ts';
import type { Network, NetworkOptions } from '../../net/network.ts';
import { openNetwork } from '../../net/open-network.ts';
import { parseReference } from '../reference.ts';
import { fixedKeychain } from './keychain/keychain.ts';
import { openRegistryImage, type OpenRegistryImageOptions } from './open-registry-image.ts';

const defaultPlatform = { os: 'linux', architecture: 'amd64' };
const body = { 'etc/os-release': 'ID=test\n', big: 'x'.repeat(40_000) };
const image = makeSyntheticImage([
  body,
  { 'opt/noise': Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * 7919) >> 3)) },
]);
const keychain = fixedKeychain({ kind: 'password', username: 'sailor', password: 'hold-fast' });
/** For the faults that only time ends; everything else runs without a clock that could tick too fast. */
const shortLimits = { headersMs: 400, idleMs: 400, speedWindowMs: 400, minBytesPerSecond: 2000 };
const endedByTime = new Set(['drip', 'silence', 'hang']);

function network(options: NetworkOptions = {}): Network {
  return openNetwork({ clock: instantClock(), ...options });
}

/** Pulls everything there is to pull; returns the uncompressed layers. */
async function pull(
  registry: TestRegistry,
  door: Network,
  options: Partial<OpenRegistryImageOptions> & { readonly reference?: string } = {},
): Promise<Buffer[]> {
  const { reference = `${registry.host}/team/app:v1`, ...rest } = options;
  await using opened = await openRegistryImage(door, parseReference(reference), { defaultPlatform, ...rest });
  const layers: Buffer[] = [];
  for (const layer of opened.layers) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of layer.open()) chunks.push(chunk);
    layers.push(gunzipSync(Buffer.concat(chunks)));
  }
  return layers;
}

test('openRegistryImage() gives the image that was stored, whatever proof the registry asks for', async (t) => {
  for (const auth of ['none', 'basic', 'bearer'] as const) {
    await t.test(auth, async () => {
      await using registry = await startTestRegistry({ auth });
      await using door = network();
      const digest = storeImage(registry.store, 'team/app', 'v1', image);
      const reference = parseReference(`${registry.host}/team/app:v1`);
      await using opened = await openRegistryImage(door, reference, { defaultPlatform, keychain });
      assert.deepEqual(await pull(registry, door, { keychain }), image.tars);
      assert.equal(opened.manifestDigest, digest);
      assert.deepEqual(opened.repoTags, [`${registry.host}/team/app:v1`]);
      assert.deepEqual(opened.repoDigests, [`${registry.host}/team/app@${digest}`]);
      assert.deepEqual(Buffer.from(opened.rawConfig), image.config);
    });
  }
});

test('openRegistryImage() follows an index to the platform asked for', async () => {
  await using registry = await startTestRegistry();
  await using door = network();
  const arm = makeSyntheticImage([{ arch: 'arm' }], 'arm64');
  storeIndex(registry.store, 'team/app', 'v1', { amd64: image, arm64: arm });
  assert.deepEqual(await pull(registry, door), image.tars);
  assert.deepEqual(await pull(registry, door, { platform: { os: 'linux', architecture: 'arm64' } }), arm.tars);
  await assert.rejects(pull(registry, door, { platform: { os: 'linux', architecture: 's390x' } }), {
    code: 'PLATFORM_UNAVAILABLE',
  });
});

test('openRegistryImage() takes what a digest names, and gives no tag then', async () => {
  await using registry = await startTestRegistry();
  await using door = network();
  const digest = storeImage(registry.store, 'team/app', 'v1', image);
  const reference = parseReference(`${registry.host}/team/app:other@${digest}`);
  await using opened = await openRegistryImage(door, reference, { defaultPlatform });
  assert.equal(opened.manifestDigest, digest);
  assert.deepEqual(opened.repoTags, []);
});

const layer = /\/blobs\/sha256:/;
const manifest = '/manifests/';
const registrySays = JSON.stringify({
  errors: [{ code: 'DENIED', message: 'no\u001b[31m entry \u202efor https://u:secret@h/?token=hidden-token "you"\n' }],
});

const failures: readonly (readonly [title: string, fault: Fault, code: string, message?: RegExp])[] = [
  ['401 on the manifest', { kind: 'status', path: manifest, status: 401 }, 'UNAUTHORIZED', /log in/],
  [
    '403 on the manifest',
    { kind: 'status', path: manifest, status: 403, body: registrySays },
    'DENIED',
    /no \[31m entry for/,
  ],
  ['404 on the manifest', { kind: 'status', path: manifest, status: 404 }, 'IMAGE_NOT_FOUND', /check the name/],
  ['429 for ever', { kind: 'status', path: manifest, status: 429 }, 'RATE_LIMITED'],
  [
    '429 for an hour',
    { kind: 'status', path: manifest, status: 429, headers: { 'retry-after': '3600' } },
    'RATE_LIMITED',
  ],
  ['500 for ever', { kind: 'status', path: manifest, status: 500 }, 'REGISTRY_UNAVAILABLE', /try again later/],
  ['503 on a blob', { kind: 'status', path: layer, status: 503 }, 'REGISTRY_UNAVAILABLE'],
  ['418 on the manifest', { kind: 'status', path: manifest, status: 418 }, 'REGISTRY_PROTOCOL'],
  ['a redirect without a target', { kind: 'status', path: manifest, status: 307 }, 'REGISTRY_PROTOCOL'],
  ['a redirect to itself', { kind: 'redirect', path: manifest, to: '/v2/team/app/manifests/v1' }, 'REGISTRY_PROTOCOL'],
  ['a redirect to no web address', { kind: 'redirect', path: manifest, to: 'file:///etc/passwd' }, 'REGISTRY_PROTOCOL'],
  ['404 on a blob', { kind: 'status', path: layer, status: 404 }, 'BLOB_UNKNOWN'],
  ['a manifest that does not match its header', { kind: 'wrong-digest-header', path: manifest }, 'DIGEST_MISMATCH'],
  ['a manifest of other bytes', { kind: 'wrong-bytes', path: manifest }, 'DIGEST_MISMATCH'],
  ['a web page for a manifest', { kind: 'content-type', path: manifest, type: 'text/html' }, 'REGISTRY_PROTOCOL'],
  ['an endless manifest', { kind: 'long', path: manifest, extra: 5 * 1024 * 1024 }, 'REGISTRY_PROTOCOL'],
  ['a manifest cut short', { kind: 'short', path: manifest, after: 50 }, 'DIGEST_MISMATCH'],
  ['a blob of other bytes', { kind: 'wrong-bytes', path: layer }, 'DIGEST_MISMATCH'],
  ['a blob that is too long', { kind: 'long', path: layer, extra: 10 }, 'SIZE_MISMATCH'],
  [
    'a blob that is far too long',
    { kind: 'long', path: layer, extra: 4 * 1024 * 1024 },
    'SIZE_MISMATCH',
    /at least [1-9]\d+ bytes/,
  ],
  ['a blob that ends early', { kind: 'short', path: layer, after: 20 }, 'SIZE_MISMATCH', /only 20 bytes/],
  ['a blob that always breaks off', { kind: 'reset', path: layer, after: 0 }, 'REGISTRY_UNAVAILABLE'],
  ['a blob that drips', { kind: 'drip', path: layer, bytes: 1, everyMs: 5 }, 'REGISTRY_UNAVAILABLE', /bytes a second/],
  ['a blob that never comes', { kind: 'silence', path: layer }, 'REGISTRY_UNAVAILABLE', /stopped sending/],
  ['a manifest that never comes', { kind: 'hang', path: manifest }, 'REGISTRY_UNAVAILABLE', /did not answer in time/],
  ['a manifest that always breaks off', { kind: 'reset', path: manifest, after: 40 }, 'REGISTRY_UNAVAILABLE'],
  [
    'no answer but a closed connection',
    { kind: 'drop', path: manifest },
    'REGISTRY_UNAVAILABLE',
    /closed the connection/,
  ],
  ['huge headers', { kind: 'huge-headers', path: manifest }, 'REGISTRY_PROTOCOL', /headers/],
  ['another protocol', { kind: 'garbage', path: manifest }, 'REGISTRY_PROTOCOL', /not HTTP/],
  [
    'a manifest type that contradicts the manifest',
    { kind: 'content-type', path: manifest, type: 'application/vnd.oci.image.index.v1+json' },
    'MANIFEST_INVALID',
  ],
  ['another range than was asked for', { kind: 'status', path: layer, status: 206, body: 'x' }, 'REGISTRY_PROTOCOL'],
];

test('openRegistryImage() ends in one coded error for each way a registry fails', async (t) => {
  for (const [title, fault, code, message] of failures) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry({ faults: [fault] });
      await using door = network(endedByTime.has(fault.kind) ? { limits: shortLimits } : {});
      storeImage(registry.store, 'team/app', 'v1', image);
      await assert.rejects(pull(registry, door), (error) => {
        assert.ok(isSeaworthyError(error), String(error));
        assert.equal(error.code, code, error.message);
        if (message !== undefined) assert.match(error.message, message);
        assert.doesNotMatch(error.message, /[\u0000-\u001f\u202e]|secret|hidden-token/);
        return true;
      });
    });
  }
});

const recoveries: readonly (readonly [title: string, fault: Fault])[] = [
  ['two 503', { kind: 'status', path: manifest, status: 503, times: 2 }],
  ['a 500 on a blob', { kind: 'status', path: layer, status: 500, times: 1 }],
  [
    'a 429 that names its pause',
    { kind: 'status', path: manifest, status: 429, headers: { 'retry-after': '7' }, times: 1 },
  ],
  ['a reset before the answer', { kind: 'drop', path: manifest, times: 2 }],
  ['a manifest that breaks off', { kind: 'reset', path: manifest, after: 40, times: 1 }],
  ['a blob that breaks off once', { kind: 'reset', path: layer, after: 30, times: 1 }],
  ['a blob that breaks off four times', { kind: 'reset', path: layer, after: 20, times: 4 }],
  ['a manifest sent as text/plain', { kind: 'content-type', path: manifest, type: 'text/plain' }],
];

test('openRegistryImage() gets through what passes', async (t) => {
  for (const [title, fault] of recoveries) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry({ faults: [fault] });
      await using door = network();
      storeImage(registry.store, 'team/app', 'v1', image);
      assert.deepEqual(await pull(registry, door), image.tars);
    });
  }
});

test('fetchBlob() asks only for what is missing after a break', async () => {
  await using registry = await startTestRegistry({ faults: [{ kind: 'reset', path: layer, after: 100, times: 1 }] });
  await using door = network();
  storeImage(registry.store, 'team/app', 'v1', image);
  await pull(registry, door);
  assert.deepEqual(
    registry.requests.map(({ range }) => range).filter((range) => range !== undefined),
    ['bytes=100-'],
  );
});

test('openRegistryImage() shows no credentials to the host that a blob is redirected to', async () => {
  await using storage = await startTestRegistry();
  const to = `${storage.url}/v2/team/app/blobs/`;
  const faults: Fault[] = [image.config, ...image.layers].map((blob) => {
    const digest = storage.store.putBlob('team/app', blob);
    return { kind: 'redirect', path: digest, to: `${to}${digest}?signature=s3cr3t` };
  });
  await using registry = await startTestRegistry({ auth: 'basic', faults });
  await using door = network();
  storeImage(registry.store, 'team/app', 'v1', image);
  assert.deepEqual(await pull(registry, door, { keychain }), image.tars);
  assert.equal(storage.requests.length, 3);
  assert.ok(storage.requests.every(({ authorization }) => authorization === undefined));
});

test('openRegistryImage() answers no challenge of a host it was redirected to', async () => {
  await using storage = await startTestRegistry({ auth: 'bearer' });
  const faults: Fault[] = [{ kind: 'redirect', path: manifest, to: `${storage.url}/v2/team/app/manifests/v1` }];
  await using registry = await startTestRegistry({ auth: 'basic', faults });
  await using door = network();
  storeImage(storage.store, 'team/app', 'v1', image);
  storeImage(registry.store, 'team/app', 'v1', image);
  await assert.rejects(pull(registry, door, { keychain }), { code: 'UNAUTHORIZED' });
  // Its token service would have been sent the password.
  assert.deepEqual(
    storage.requests.map(({ path, authorization }) => [path, authorization]),
    [['/v2/team/app/manifests/v1', undefined]],
  );
});

test('openRegistryImage() stops when it is told to', async () => {
  await using registry = await startTestRegistry({ faults: [{ kind: 'hang', path: manifest }] });
  await using door = network();
  const stop = new AbortController();
  const pulled = openRegistryImage(
    door,
    parseReference(`${registry.host}/team/app:v1`),
    { defaultPlatform },
    stop.signal,
  );
  while (registry.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort(new Error('enough'));
  await assert.rejects(pulled, { message: 'enough' });
});

test('openRegistryImage() leaves what the user decided as it is', async () => {
  await using offline = network({ offline: true });
  const hub = parseReference('nginx');
  await assert.rejects(openRegistryImage(offline, hub, { defaultPlatform }), {
    code: 'OFFLINE',
    message: /registry-1\.docker\.io/,
  });
});
