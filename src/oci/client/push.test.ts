import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { makeSyntheticImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { fetchManifest } from './fetch-manifest.ts';
import { fixedKeychain } from './keychain/keychain.ts';
import { blobOf, pushBlob, pushManifest } from './push.ts';
import { RegistryClient } from './registry-client.ts';

const image = makeSyntheticImage([{ a: 'a'.repeat(3000) }]);
const keychain = fixedKeychain({ kind: 'password', username: 'sailor', password: 'hold-fast' });
const bytes = Buffer.from(Array.from({ length: 10_000 }, (_, at) => at & 0xff));

test('pushBlob() and pushManifest() store what can then be pulled, with one token', async () => {
  await using registry = await startTestRegistry({ auth: 'bearer' });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host, { keychain });
  for (const blob of [image.config, ...image.layers]) {
    assert.equal(await pushBlob(client, 'team/app', blobOf(blob)), 'pushed');
  }
  const manifest = { mediaType: image.mediaType, bytes: image.manifest };
  const digest = await pushManifest(client, 'team/app', 'v1', manifest);
  assert.equal(registry.tokens.issued, 1);
  const fetched = await fetchManifest(client, 'team/app', 'v1');
  assert.equal(fetched.descriptor.digest, digest);
  assert.deepEqual(fetched.bytes, image.manifest);
});

test('pushBlob() sends a blob whole or in pieces, and not at all when it is there', async (t) => {
  for (const [chunkBytes, methods] of [
    [undefined, ['HEAD', 'POST', 'PUT']],
    [10_000, ['HEAD', 'POST', 'PUT']],
    [5000, ['HEAD', 'POST', 'PATCH', 'PATCH', 'PUT']],
    [4999, ['HEAD', 'POST', 'PATCH', 'PATCH', 'PATCH', 'PUT']],
  ] as const) {
    await t.test(`in pieces of ${chunkBytes}`, async () => {
      await using registry = await startTestRegistry();
      await using network = openNetwork({ clock: instantClock() });
      const client = new RegistryClient(network, registry.host);
      const blob = blobOf(bytes);
      const options = chunkBytes === undefined ? {} : { chunkBytes };
      assert.equal(await pushBlob(client, 'team/app', blob, options), 'pushed');
      assert.deepEqual(registry.store.blob('team/app', blob.digest), bytes);
      assert.deepEqual(
        registry.requests.slice(1).map(({ method }) => method),
        methods,
      );
      assert.equal(await pushBlob(client, 'team/app', blob, options), 'present');
    });
  }
});

test('pushBlob() mounts what another repository has', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host);
  const blob = blobOf(bytes);
  assert.equal(await pushBlob(client, 'team/b', blob, { mountFrom: 'team/a' }), 'pushed');
  assert.equal(await pushBlob(client, 'team/c', blob, { mountFrom: 'team/b' }), 'mounted');
  assert.deepEqual(registry.store.blob('team/c', blob.digest), bytes);
});

test('pushBlob() takes an empty blob', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork({ clock: instantClock() });
  const blob = blobOf(new Uint8Array(0));
  assert.equal(await pushBlob(new RegistryClient(network, registry.host), 'team/app', blob), 'pushed');
  assert.equal(registry.store.blob('team/app', blob.digest)?.length, 0);
});

const uploads = /\/uploads\//;
const failures: readonly (readonly [title: string, fault: Fault, code: string])[] = [
  ['may not push', { kind: 'status', path: uploads, status: 403 }, 'DENIED'],
  ['no place to send to', { kind: 'status', path: uploads, status: 202, method: 'POST' }, 'REGISTRY_PROTOCOL'],
  ['a rejected digest', { kind: 'status', path: uploads, status: 400, method: 'PUT' }, 'REGISTRY_PROTOCOL'],
  ['another digest stored', { kind: 'wrong-digest-header', path: uploads, method: 'PUT' }, 'DIGEST_MISMATCH'],
  ['out of order', { kind: 'status', path: uploads, status: 503, method: 'POST' }, 'REGISTRY_UNAVAILABLE'],
];

test('pushBlob() ends in one coded error for each way a registry fails', async (t) => {
  for (const [title, fault, code] of failures) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry({ faults: [fault] });
      await using network = openNetwork({ clock: instantClock() });
      const client = new RegistryClient(network, registry.host);
      await assert.rejects(pushBlob(client, 'team/app', blobOf(bytes)), { name: 'OciError', code });
    });
  }
});

test('pushBlob() shows no credentials to the host that an upload continues on', async () => {
  await using storage = await startTestRegistry();
  await using registry = await startTestRegistry({
    auth: 'basic',
    faults: [
      {
        kind: 'status',
        path: uploads,
        method: 'POST',
        status: 202,
        headers: { location: `${storage.url}/v2/x/blobs/uploads/1` },
      },
    ],
  });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host, { keychain });
  await assert.rejects(pushBlob(client, 'team/app', blobOf(bytes)), { code: 'REGISTRY_PROTOCOL' });
  assert.deepEqual(
    storage.requests.map(({ method, authorization }) => [method, authorization]),
    [['PUT', undefined]],
  );
});
