import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { deleteManifest } from './delete-manifest.ts';
import { headManifest } from './head-manifest.ts';
import { fixedKeychain } from './keychain/keychain.ts';
import { listTags } from './list-tags.ts';
import { RegistryClient } from './registry-client.ts';

const image = makeSyntheticImage([{ a: 'a' }]);
const repository = 'team/app';
const keychain = fixedKeychain({ kind: 'password', username: 'sailor', password: 'hold-fast' });
const clock = { clock: instantClock() };

test('headManifest() describes what is there, without fetching it where the registry tells', async (t) => {
  const path = '/manifests/';
  for (const [title, faults, methods] of [
    ['tells all', [], ['HEAD']],
    ['knows no HEAD', [{ kind: 'status', path, method: 'HEAD', status: 405 }], ['HEAD', 'GET']],
    ['does not tell the digest', [{ kind: 'status', path, method: 'HEAD', status: 200 }], ['HEAD', 'GET']],
  ] satisfies (readonly [string, readonly Fault[], readonly string[]])[]) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry({ faults });
      await using network = openNetwork(clock);
      const digest = storeImage(registry.store, repository, 'v1', image);
      const client = new RegistryClient(network, registry.host);
      for (const reference of ['v1', digest]) {
        const expected = { mediaType: image.mediaType, digest, size: image.manifest.length };
        assert.deepEqual(await headManifest(client, repository, reference), expected);
      }
      assert.deepEqual(
        registry.requests.slice(1).map(({ method }) => method),
        [...methods, ...methods],
      );
      assert.equal(await headManifest(client, repository, 'v2'), undefined);
    });
  }
});

test('headManifest() ends in one coded error for each way a registry fails', async (t) => {
  const path = '/manifests/';
  for (const [title, fault, code] of [
    ['forbids it', { kind: 'status', path, status: 403 }, 'DENIED'],
    ['is down', { kind: 'status', path, status: 503 }, 'REGISTRY_UNAVAILABLE'],
    ['names another digest', { kind: 'wrong-digest-header', path }, 'DIGEST_MISMATCH'],
  ] satisfies (readonly [string, Fault, string])[]) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry({ faults: [fault] });
      await using network = openNetwork(clock);
      const digest = storeImage(registry.store, repository, 'v1', image);
      const client = new RegistryClient(network, registry.host);
      await assert.rejects(headManifest(client, repository, digest), { name: 'OciError', code });
    });
  }
});

test('deleteManifest() deletes by tag and by digest, with rights of its own', async () => {
  await using registry = await startTestRegistry({ auth: 'bearer' });
  await using network = openNetwork(clock);
  const client = new RegistryClient(network, registry.host, { keychain });
  const digest = storeImage(registry.store, repository, 'v1', image);
  storeImage(registry.store, repository, 'v2', image);
  assert.equal(await deleteManifest(client, repository, 'v1'), true);
  assert.deepEqual(registry.store.tags(repository), ['v2']);
  assert.equal(await deleteManifest(client, repository, digest), true);
  assert.deepEqual(registry.store.tags(repository), []);
  assert.equal(await deleteManifest(client, repository, digest), false);
});

test('deleteManifest() tells a registry that deletes nothing from one that fails', async (t) => {
  const path = '/manifests/';
  for (const [title, options, code] of [
    ['deletes nothing', { deletion: 'none' }, 'DELETE_UNSUPPORTED'],
    [
      'says so in words',
      { faults: [{ kind: 'status', path, status: 400, body: '{"errors":[{"code":"UNSUPPORTED"}]}' }] },
      'DELETE_UNSUPPORTED',
    ],
    ['deletes only digests', { deletion: 'digest' }, 'REGISTRY_PROTOCOL'],
    ['forbids it', { faults: [{ kind: 'status', path, status: 403 }] }, 'DENIED'],
    ['is down', { faults: [{ kind: 'status', path, status: 500 }] }, 'REGISTRY_UNAVAILABLE'],
  ] as const) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry(options);
      await using network = openNetwork(clock);
      storeImage(registry.store, repository, 'v1', image);
      const client = new RegistryClient(network, registry.host);
      await assert.rejects(deleteManifest(client, repository, 'v1'), { name: 'OciError', code });
    });
  }
});

test('listTags() reads all pages', async () => {
  for (const pageSize of [1, 3, 100]) {
    await using registry = await startTestRegistry({ pageSize, auth: 'bearer' });
    await using network = openNetwork(clock);
    const client = new RegistryClient(network, registry.host, { keychain });
    const tags = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    for (const tag of tags) storeImage(registry.store, repository, tag, image);
    assert.deepEqual(await listTags(client, repository), tags);
    await assert.rejects(listTags(client, 'team/none'), { name: 'OciError', code: 'IMAGE_NOT_FOUND' });
  }
});

test('listTags() refuses what is no list of tags', async (t) => {
  const path = '/tags/list';
  for (const [title, fault, code] of [
    ['a web page', { kind: 'status', path, status: 200, body: '<html>' }, 'REGISTRY_PROTOCOL'],
    ['a path for a tag', { kind: 'status', path, status: 200, body: '{"tags":["../../x"]}' }, 'REGISTRY_PROTOCOL'],
    ['a number for a tag', { kind: 'status', path, status: 200, body: '{"tags":[1]}' }, 'REGISTRY_PROTOCOL'],
    ['an object for the tags', { kind: 'status', path, status: 200, body: '{"tags":{}}' }, 'REGISTRY_PROTOCOL'],
    ['an overload', { kind: 'status', path, status: 429 }, 'RATE_LIMITED'],
  ] satisfies (readonly [string, Fault, string])[]) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry({ faults: [fault] });
      await using network = openNetwork(clock);
      const client = new RegistryClient(network, registry.host);
      await assert.rejects(listTags(client, repository), { name: 'OciError', code });
    });
  }
});
