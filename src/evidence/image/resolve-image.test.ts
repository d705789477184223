import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { storeArtifact } from '../../../testing/registry/attached.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { makeSyntheticImage, storeImage, storeIndex } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { gatherImageFacts } from './gather-image-facts.ts';
import { resolveImage } from './resolve-image.ts';

const repository = 'team/app';
const network = openNetwork({ clock: instantClock() });
after(() => network[Symbol.asyncDispose]());
const { signal } = new AbortController();
const remoteOf = ({ host }: TestRegistry): RemoteRepository => ({
  client: new RegistryClient(network, host),
  repository,
});
const asked = ({ requests }: TestRegistry): string[] =>
  requests.filter(({ path }) => path !== '/v2/').map(({ path }) => path.replace(`/v2/${repository}/`, ''));

test('resolveImage() asks for a tag once, and for the rest by digest when somebody wants it', async () => {
  await using registry = await startTestRegistry();
  const digest = storeImage(registry.store, repository, 'v1', makeSyntheticImage([{ a: '1' }])) as Digest;
  const remote = remoteOf(registry);
  const { root, index, images } = await resolveImage(remote, { tag: 'v1' }, [parsePlatform('linux/amd64')], signal);
  assert.deepEqual([root.digest, index, images.length], [digest, undefined, 1]);
  assert.deepEqual(asked(registry), ['manifests/v1']);
  const [image] = images;
  assert.equal((await image?.config())?.platform.architecture, 'amd64');
  assert.equal((await image?.manifest())?.layers.length, 1);
  await image?.config();
  assert.deepEqual(asked(registry).length, 2);
  const byDigest = await resolveImage(remote, { tag: 'other', digest }, [], signal);
  assert.equal(byDigest.root.digest, digest);
});

test('resolveImage() holds to what it was told first, though the tag moves with every request (CVE-2022-47633, CVE-2023-47630)', async () => {
  await using registry = await startTestRegistry();
  const image = (note: string) => ({ amd64: makeSyntheticImage([{ note }]) });
  const good = storeIndex(registry.store, repository, 'v1', image('good'));
  const inner = registry.store.manifest(repository, 'v1-amd64')?.digest;
  const remote = remoteOf(registry);
  const resolved = await resolveImage(remote, { tag: 'v1' }, [parsePlatform('linux/amd64')], signal);
  storeIndex(registry.store, repository, 'v1', image('bad'));
  const [one] = resolved.images;
  assert.deepEqual([resolved.root.digest, one?.descriptor.digest], [good, inner]);
  await one?.config();
  assert.equal(asked(registry).filter((path) => !path.includes('sha256:')).length, 1);
  // Nor are other bytes taken for what a digest stands for.
  registry.faults.add({ kind: 'wrong-bytes', path: `manifests/${inner}` });
  const again = await resolveImage(remote, { digest: good as Digest }, [], signal);
  await assert.rejects(async () => await again.images[0]?.manifest(), { code: 'DIGEST_MISMATCH' });
});

test('resolveImage() takes the images of an index that are meant, and says when there is none', async () => {
  await using registry = await startTestRegistry();
  const images = Object.fromEntries(
    ['amd64', 'arm64', 's390x'].map((name) => [name, makeSyntheticImage([{ name }], name)]),
  );
  storeIndex(registry.store, repository, 'v1', images);
  const remote = remoteOf(registry);
  const names = async (...platforms: string[]): Promise<(string | undefined)[]> =>
    (await resolveImage(remote, { tag: 'v1' }, platforms.map(parsePlatform), signal)).images.map(
      ({ platform }) => platform?.architecture,
    );
  assert.deepEqual(await names(), ['amd64', 'arm64', 's390x']);
  assert.deepEqual(await names('linux/arm64', 'linux/riscv64', 'linux/arm64/v8'), ['arm64']);
  await assert.rejects(names('linux/riscv64'), { code: 'PLATFORM_UNAVAILABLE' });
});

test('resolveImage() is not led on without end', async () => {
  await using registry = await startTestRegistry();
  const { store } = registry;
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const put = (tag: string, manifests: readonly object[]): object => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
    return { mediaType, digest: store.putManifest(repository, tag, mediaType, bytes), size: bytes.length };
  };
  let inner: readonly object[] = [];
  for (const depth of [1, 2, 3, 4, 5, 6]) inner = [put(`deep-${depth}`, inner)];
  const many = Array.from({ length: 65 }, (_, at) =>
    storeArtifact(store, repository, { layers: [{ mediaType: 'x/y', bytes: Buffer.from(`${at}`) }] }),
  );
  put('wide', many);
  const remote = remoteOf(registry);
  for (const tag of ['deep-6', 'wide']) {
    await assert.rejects(resolveImage(remote, { tag }, [], signal), { code: 'LIMIT_EXCEEDED' }, tag);
  }
  await assert.rejects(resolveImage(remote, { tag: 'none' }, [], signal), { code: 'IMAGE_NOT_FOUND' });
});

test('gatherImageFacts() reads a config, and tells apart what it could not read', async () => {
  await using registry = await startTestRegistry();
  storeImage(registry.store, repository, 'v1', makeSyntheticImage([{ a: '1' }]));
  const remote = remoteOf(registry);
  const [image] = (await resolveImage(remote, { tag: 'v1' }, [], signal)).images;
  const manifest = await image?.manifest();
  assert.ok(manifest !== undefined);
  const facts = await gatherImageFacts(remote, manifest, () => 7, signal);
  assert.ok(facts.state === 'known');
  assert.deepEqual([facts.at, facts.value.platform.os, { ...facts.value.facts.labels }], [7, 'linux', {}]);
  const huge = { config: { ...manifest.config, size: 9_000_000 } };
  assert.match(JSON.stringify(await gatherImageFacts(remote, huge, () => 7, signal)), /unavailable.*9000000 bytes/);
  registry.faults.add({ kind: 'wrong-bytes', path: '/blobs/' });
  assert.equal((await gatherImageFacts(remote, manifest, () => 7, signal)).state, 'unavailable');
});
