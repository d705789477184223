import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { sha256 } from '../../../testing/registry/store.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import type { Digest } from '../digest.ts';
import { fallbackTag } from '../referrer.ts';
import { fixedKeychain } from './keychain/keychain.ts';
import { listReferrers } from './list-referrers.ts';
import { blobOf, pushBlob } from './push.ts';
import { pushReferrer, removeFromFallbackIndex } from './push-referrer.ts';
import { RegistryClient } from './registry-client.ts';

const repository = 'team/app';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const empty = blobOf(Buffer.from('{}'));
const subject = `sha256:${'ab'.repeat(32)}` as Digest;
const tag = fallbackTag(subject);

function referrer(name: string, about: string = subject): { readonly mediaType: string; readonly bytes: Buffer } {
  const descriptor = { mediaType: 'application/vnd.oci.empty.v1+json', digest: empty.digest, size: empty.size };
  const document = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: 'application/vnd.example.note',
    config: descriptor,
    layers: [descriptor],
    subject: { mediaType: manifestType, digest: about, size: 100 },
    annotations: { name },
  };
  return { mediaType: manifestType, bytes: Buffer.from(JSON.stringify(document)) };
}

function storedIndex(registry: TestRegistry): { readonly manifests: readonly Record<string, unknown>[] } {
  const stored = registry.store.manifest(repository, tag);
  return JSON.parse(Buffer.from(stored?.bytes ?? Buffer.from('{"manifests":[]}')).toString()) as never;
}

for (const [title, options, listedBy, indexed] of [
  ['the API', {}, 'api', 0],
  ['no API', { referrers: false }, 'fallback-tag', 1],
  // As a large cloud's registry did: it takes subjects, and does not list them.
  ['no API, though it takes the subject', { referrers: false, subjectHeader: true }, 'fallback-tag', 1],
  ['an API of which it does not speak', { subjectHeader: false }, 'fallback-tag', 1],
] as const) {
  test(`pushReferrer() makes a manifest findable in a registry with ${title}`, async () => {
    await using registry = await startTestRegistry({ ...options, auth: 'bearer' });
    await using network = openNetwork({ clock: instantClock() });
    const keychain = fixedKeychain({ kind: 'password', username: 'sailor', password: 'hold-fast' });
    const client = new RegistryClient(network, registry.host, { keychain });
    await pushBlob(client, repository, empty);
    const pushed = await pushReferrer(client, repository, referrer('one'));
    assert.equal(pushed.listedBy, listedBy);
    assert.deepEqual(storedIndex(registry).manifests.length, indexed);
    const { descriptors } = await listReferrers(client, repository, subject);
    assert.deepEqual(
      descriptors.map((descriptor) => ({ ...descriptor, annotations: { ...descriptor.annotations } })),
      [{ ...pushed.descriptor, annotations: { name: 'one' } }],
    );
    assert.equal(pushed.descriptor.artifactType, 'application/vnd.example.note');
    assert.equal((await pushReferrer(client, repository, referrer('one'))).listedBy, listedBy);
    assert.deepEqual(storedIndex(registry).manifests.length, indexed);
  });
}

test('pushReferrer() keeps what others put into the index, and mends its own entry', async () => {
  await using registry = await startTestRegistry({ referrers: false, checkReferences: false });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host);
  const foreign = {
    mediaType: manifestType,
    size: 7,
    digest: `sha256:${'cd'.repeat(32)}`,
    artifactType: 'application/vnd.oci.empty.v1+json',
    data: 'e30=',
  };
  const { descriptor } = await pushReferrer(client, repository, referrer('one'));
  const wrong = { mediaType: manifestType, size: descriptor.size, digest: descriptor.digest, artifactType: 'wrong' };
  const index = { schemaVersion: 2, mediaType: indexType, manifests: [foreign, wrong], annotations: { by: 'another' } };
  registry.store.putManifest(repository, tag, indexType, Buffer.from(JSON.stringify(index)));
  await pushReferrer(client, repository, referrer('one'));
  await pushReferrer(client, repository, referrer('two'));
  const { manifests, annotations } = storedIndex(registry) as unknown as typeof index;
  assert.deepEqual(annotations, { by: 'another' });
  assert.deepEqual(manifests[0], foreign);
  assert.deepEqual(
    manifests.slice(1).map((entry) => [entry.artifactType, (entry as never as { annotations: object }).annotations]),
    [
      ['application/vnd.example.note', { name: 'one' }],
      ['application/vnd.example.note', { name: 'two' }],
    ],
  );
});

test('pushReferrer() takes the tag back where `cosign copy` gave it to the image itself', async () => {
  await using registry = await startTestRegistry({ referrers: false, checkReferences: false });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host);
  const image = storeImage(registry.store, repository, 'v1', makeSyntheticImage([{ a: 'a' }])) as Digest;
  const stored = registry.store.manifest(repository, image);
  registry.store.putManifest(repository, fallbackTag(image), manifestType, stored?.bytes as Uint8Array);
  assert.deepEqual((await listReferrers(client, repository, image)).fallback, 'absent');
  const { descriptor } = await pushReferrer(client, repository, referrer('one', image));
  const { descriptors } = await listReferrers(client, repository, image);
  assert.deepEqual(
    descriptors.map(({ digest }) => digest),
    [descriptor.digest],
  );
});

test('pushReferrer() loses nothing of 20 signers at once in a registry that obeys If-Match', async () => {
  const options = { referrers: false, checkReferences: false, etag: true, conditional: true };
  await using registry = await startTestRegistry(options);
  await using network = openNetwork({ widthPerHost: 20 });
  const names = Array.from({ length: 20 }, (_, at) => `signer ${at}`);
  // Each as if in a process of its own: nothing is shared but the registry.
  await Promise.all(
    names.map((name) => pushReferrer(new RegistryClient(network, registry.host), repository, referrer(name))),
  );
  const found = storedIndex(registry).manifests.map(({ annotations }) => (annotations as { name: string }).name);
  assert.deepEqual(found.sort(), names.sort());
});

test('pushReferrer() writes over nothing that came between in a registry that obeys If-Match', async () => {
  for (const before of [undefined, 'first']) {
    const options = { referrers: false, checkReferences: false, etag: true, conditional: true };
    await using registry = await startTestRegistry(options);
    await using network = openNetwork({ clock: instantClock() });
    const client = new RegistryClient(network, registry.host);
    if (before !== undefined) await pushReferrer(client, repository, referrer(before));
    const { store } = registry;
    const entry = { mediaType: manifestType, size: 1, digest: `sha256:${'ef'.repeat(32)}` };
    const theirs = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [entry] }));
    const read = store.manifest.bind(store);
    let reads = 0;
    // The rival writes once this one has read the tag.
    store.manifest = (name, reference) => {
      const stored = read(name, reference);
      if (reference === tag && (reads += 1) === 1) store.putManifest(name, reference, indexType, theirs);
      return stored;
    };
    const { descriptor } = await pushReferrer(client, repository, referrer('one'));
    assert.deepEqual(
      storedIndex(registry).manifests.map(({ digest }) => digest),
      [entry.digest, descriptor.digest],
    );
  }
});

for (const etag of [true, false]) {
  test(`pushReferrer() writes anew when another signer wrote over it, ${etag ? 'with' : 'without'} an ETag`, async () => {
    await using registry = await startTestRegistry({ referrers: false, checkReferences: false, etag });
    await using network = openNetwork({ clock: instantClock() });
    const client = new RegistryClient(network, registry.host);
    const { store } = registry;
    const put = store.putManifest.bind(store);
    const rival = JSON.parse(referrer('rival').bytes.toString()) as { mediaType: string };
    const entry = { mediaType: rival.mediaType, size: 1, digest: `sha256:${'ef'.repeat(32)}` };
    const theirs = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [entry] }));
    let left = 3;
    // The rival read the tag before it was written, and writes after it.
    store.putManifest = (name, reference, type, bytes) => {
      const digest = put(name, reference, type, bytes);
      if (reference === tag && left > 0) {
        left -= 1;
        put(name, reference, indexType, theirs);
      }
      return digest;
    };
    const { descriptor } = await pushReferrer(client, repository, referrer('one'));
    assert.equal(left, 0);
    assert.deepEqual(
      storedIndex(registry).manifests.map(({ digest }) => digest),
      [entry.digest, descriptor.digest],
    );
  });
}

const manifests = /\/manifests\/sha256-/;
for (const [title, fault, code] of [
  ['may not write the tag', { kind: 'status', path: manifests, method: 'PUT', status: 403 }, 'DENIED'],
  ['cannot read the index', { kind: 'status', path: manifests, method: 'GET', status: 500 }, 'REGISTRY_UNAVAILABLE'],
  ['is asked to wait', { kind: 'status', path: manifests, method: 'GET', status: 429 }, 'RATE_LIMITED'],
] satisfies (readonly [string, Fault, string])[]) {
  test(`pushReferrer() says so when it ${title}`, async () => {
    await using registry = await startTestRegistry({ referrers: false, checkReferences: false, faults: [fault] });
    await using network = openNetwork({ clock: instantClock() });
    const client = new RegistryClient(network, registry.host);
    await assert.rejects(pushReferrer(client, repository, referrer('one')), { name: 'OciError', code });
  });
}

test('pushReferrer() says so when it is always overtaken', async () => {
  const options = { referrers: false, checkReferences: false, etag: true, conditional: true };
  await using registry = await startTestRegistry(options);
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host);
  const { store } = registry;
  let writes = 0;
  const read = store.manifest.bind(store);
  store.manifest = (name, reference) => {
    if (reference !== tag) return read(name, reference);
    writes += 1;
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [], writes }));
    return { mediaType: indexType, bytes, digest: sha256(bytes) };
  };
  await assert.rejects(pushReferrer(client, repository, referrer('one')), { name: 'OciError', code: 'CONFLICT' });
});

test('pushReferrer() says so when a tag never keeps what was put there', async () => {
  await using registry = await startTestRegistry({ referrers: false, checkReferences: false });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host);
  const { store } = registry;
  const put = store.putManifest.bind(store);
  const other = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [] }));
  store.putManifest = (name, reference, type, bytes) => {
    const digest = put(name, reference, type, bytes);
    if (reference === tag) put(name, reference, indexType, other);
    return digest;
  };
  await assert.rejects(pushReferrer(client, repository, referrer('one')), { name: 'OciError', code: 'CONFLICT' });
});

test('pushReferrer() refuses a manifest without a subject, and an index that is full or none', async () => {
  await using registry = await startTestRegistry({ referrers: false, checkReferences: false });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host);
  const { subject: _subject, ...bare } = JSON.parse(referrer('one').bytes.toString()) as Record<string, unknown>;
  const alone = { mediaType: manifestType, bytes: Buffer.from(JSON.stringify(bare)) };
  await assert.rejects(pushReferrer(client, repository, alone), { code: 'MANIFEST_INVALID' });
  const entry = { mediaType: manifestType, size: 1 };
  const full = Array.from({ length: 4096 }, (_, at) => ({
    ...entry,
    digest: `sha256:${at.toString(16).padStart(64, '0')}`,
  }));
  for (const [document, code] of [
    [{ schemaVersion: 2, mediaType: indexType, manifests: full }, 'MANIFEST_INVALID'],
    [JSON.parse(referrer('tagged').bytes.toString()), 'MANIFEST_INVALID'],
    [{ schemaVersion: 2, mediaType: indexType }, 'MANIFEST_INVALID'],
  ] as const) {
    const mediaType = (document as { mediaType: string }).mediaType;
    registry.store.putManifest(repository, tag, mediaType, Buffer.from(JSON.stringify(document)));
    await assert.rejects(pushReferrer(client, repository, referrer('one')), { code });
  }
});

test('removeFromFallbackIndex() removes entries, the index with the last one, and nothing else', async () => {
  await using registry = await startTestRegistry({ referrers: false, checkReferences: false, etag: true });
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host);
  const digests = [];
  for (const name of ['one', 'two'])
    digests.push((await pushReferrer(client, repository, referrer(name))).descriptor.digest);
  const [one, two] = digests as [Digest, Digest];
  await removeFromFallbackIndex(client, repository, subject, new Set(['sha256:none']));
  assert.equal(storedIndex(registry).manifests.length, 2);
  await removeFromFallbackIndex(client, repository, subject, new Set([one]));
  assert.deepEqual(
    storedIndex(registry).manifests.map(({ digest }) => digest),
    [two],
  );
  await removeFromFallbackIndex(client, repository, subject, new Set([two]));
  assert.equal(registry.store.manifest(repository, tag), undefined);
  await removeFromFallbackIndex(client, repository, subject, new Set([two]));
});
