import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, buildIndex, type BuiltContent, encode, sha256 } from '../../../testing/image/image-builder.ts';
import { makeFinding } from '../../../testing/policy/make-evidence.ts';
import { startGatedCache } from '../../../testing/registry/gate/gated-cache.ts';
import { type GatedRegistry, noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import type { OwnAnswer } from '../../../testing/registry/own-registry.ts';
import { putBuilt } from '../../../testing/registry/put-built.ts';
import type { FindingFacts } from '../../policy/evidence.ts';
import type { ScanFacts } from './model.ts';

/*
 * A descriptor may hold its content (image-spec, descriptor.md, `data`), and containerd and go-containerregistry take it from there. So a
 * manifest that an index carries reaches its client with the index, and is never asked for.
 */

const image = (note: string): BuiltContent => buildImage({ layers: [{ tar: [{ name: 'note', body: note }] }] });

/** An index whose one descriptor carries its content. */
function carrying({ descriptor, blobs }: BuiltContent, changed: object = {}, bytes?: Buffer): BuiltContent {
  const whole = bytes ?? blobs.get(descriptor.digest) ?? Buffer.alloc(0);
  const { mediaType } = descriptor;
  const child = { mediaType, digest: sha256(whole), size: whole.length, data: whole.toString('base64'), ...changed };
  const index = 'application/vnd.oci.image.index.v1+json';
  const text = encode({ schemaVersion: 2, mediaType: index, manifests: [child] });
  const digest = sha256(text);
  return { descriptor: { mediaType: index, digest, size: text.length }, blobs: new Map([...blobs, [digest, text]]) };
}

const found = (findings: readonly FindingFacts[], revision = '1'): ScanFacts => ({
  state: 'known',
  facts: { findings, incomplete: [] },
  at: Date.now(),
  revision,
});

const pull = (gated: GatedRegistry): Promise<OwnAnswer> => gated.own.ask('GET', 'app/manifests/v1');

test('a manifest that an index carries is judged with it, whatever its platform is said to be', async () => {
  const child = image('carried');
  const arm = { platform: { os: 'linux', architecture: 'arm64' } };
  for (const [what, content] of [
    ['as any', carrying(child)],
    ['with a platform of no node', carrying(child, arm)],
    ['in other base64', carrying(child, { data: dataOf(child).replaceAll('+', '-').replaceAll('/', '_') })],
    ['with line breaks', carrying(child, { data: dataOf(child).replace(/.{64}/g, '$&\r\n') })],
    ['in an index that is carried, too', carrying(carrying(child))],
  ] as const) {
    await using gated = await startGatedRegistry({ rules: [noCriticals] });
    gated.use({ rules: [noCriticals] }, { platforms: ['linux/amd64'] });
    await gated.push('app', 'v1', content);
    assert.equal((await pull(gated)).status, 429, `${what}: it waits for the scan`);
    gated.scans.set(child.descriptor.digest, found([makeFinding()]));
    assert.equal((await pull(gated)).status, 403, what);
    gated.scans.set(child.descriptor.digest, found([], '2'));
    assert.equal((await pull(gated)).status, 200, what);
  }
});

test('a manifest that an index carries and nobody else has is judged from there', async () => {
  await using cache = await startGatedCache();
  const { gated, upstream } = cache;
  const child = image('nowhere else');
  const content = carrying(child);
  const { digest } = content.descriptor;
  putBuilt(
    upstream.store,
    'app',
    { ...content, blobs: new Map([[digest, content.blobs.get(digest) as Buffer]]) },
    'v1',
  );
  gated.scans.set(child.descriptor.digest, found([makeFinding()]));
  const { status, body } = await gated.own.ask('GET', 'hub.test/app/manifests/v1');
  assert.equal(status, 403);
  assert.match(body.toString(), new RegExp(child.descriptor.digest));
});

/** An index of these descriptors. */
function listing(manifests: readonly object[]): BuiltContent {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const text = encode({ schemaVersion: 2, mediaType, manifests });
  const digest = sha256(text);
  return { descriptor: { mediaType, digest, size: text.length }, blobs: new Map([[digest, text]]) };
}

test('a manifest that an index carries in one of its places is judged from there, whatever stands in the others', async () => {
  const child = image('in several places');
  const { descriptor } = child;
  const carried = { ...descriptor, platform: undefined, data: dataOf(child) };
  const bare = { ...descriptor, platform: { os: 'linux', architecture: 'amd64' } };
  for (const manifests of [
    [carried, bare],
    [bare, carried],
    [carried, { ...bare, mediaType: 'application/vnd.oci.image.layer.v1.tar' }],
  ]) {
    await using cache = await startGatedCache();
    const { gated, upstream } = cache;
    gated.use({ rules: [noCriticals] }, { platforms: ['linux/amd64'] });
    putBuilt(upstream.store, 'app', listing(manifests), 'v1');
    gated.scans.set(descriptor.digest, found([makeFinding()]));
    assert.equal((await gated.own.ask('GET', 'hub.test/app/manifests/v1')).status, 403);
  }
});

test('a manifest that an index carries is judged as what the index says that it is, too', async () => {
  const child = image('of either format');
  const manifest = JSON.parse((child.blobs.get(child.descriptor.digest) as Buffer).toString()) as {
    config: object;
    layers: readonly object[];
  };
  // In the format of OCI, nothing that runs; in Docker's, an image.
  const plain = encode({
    schemaVersion: 2,
    config: { ...manifest.config, mediaType: 'application/vnd.example.config' },
    layers: manifest.layers.map((layer) => ({ ...layer, mediaType: 'application/x' })),
  });
  const [oci, docker] = [
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v2+json',
  ] as const;
  const as = (mediaType: string): object => ({
    mediaType,
    digest: sha256(plain),
    size: plain.length,
    data: plain.toString('base64'),
  });
  for (const [kept, manifests] of [
    [oci, [as(docker)]],
    [undefined, [as(docker), as(oci)]],
  ] as const) {
    await using gated = await startGatedRegistry({ rules: [noCriticals] });
    const content = listing(manifests);
    await gated.push('app', 'other', child);
    if (kept !== undefined) {
      const headers = { 'content-type': kept };
      assert.equal((await gated.own.ask('PUT', 'app/manifests/plain', { headers, body: plain })).status, 201);
      assert.equal((await gated.own.ask('GET', 'app/manifests/plain')).status, 200);
    } else {
      gated.exempt = true;
      await gated.own.ask('PUT', 'app/manifests/plain', { headers: { 'content-type': docker }, body: plain });
      gated.exempt = false;
    }
    await gated.push('app', 'v1', content);
    assert.equal((await pull(gated)).status, 429, 'it waits for its scan');
  }
});

test('a carried manifest is refused that others may read otherwise than the gate', async () => {
  const child = image('read twice');
  const manifest = JSON.parse((child.blobs.get(child.descriptor.digest) as Buffer).toString()) as { layers: object[] };
  const twice = encode({ ...manifest, layers: [], Layers: manifest.layers });
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  await gated.push('app', 'v1', carrying(child, {}, twice));
  const { status, body } = await pull(gated);
  assert.equal(status, 403);
  assert.match(body.toString(), /carries \(data\) what cannot be judged/);
});

test('what is carried with another digest is passed over, since no client takes it', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  const child = image('another');
  await gated.push('app', 'v1', carrying(child, { data: 'e30=' }));
  assert.equal((await pull(gated)).status, 200);
  assert.deepEqual(gated.scans.wishes, []);
});

test('data that is a list of numbers, which Go takes for bytes, is refused', async () => {
  await using gated = await startGatedRegistry({ rules: [] });
  const { descriptor, blobs } = carrying(image('numbers'), { data: [123, 125] });
  const { status, body } = await gated.own.ask('PUT', 'app/manifests/v1', {
    headers: { 'content-type': descriptor.mediaType },
    body: blobs.get(descriptor.digest) as Buffer,
  });
  assert.equal(status, 400);
  assert.match(body.toString(), /MANIFEST_INVALID.*data/);
});

function dataOf({ descriptor, blobs }: BuiltContent): string {
  return (blobs.get(descriptor.digest) as Buffer).toString('base64');
}

test('an index of more images than anybody looks through is refused, and each is looked at once', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  gated.use({ rules: [noCriticals] }, { platforms: ['linux/amd64'] });
  const platform = { os: 'linux', architecture: 'amd64' };
  const nobody = (at: number): BuiltContent => ({ ...image(`number ${at}`), blobs: new Map() });
  for (const [count, repeated, status] of [
    [64, 20, 200],
    [65, 1, 403],
  ] as const) {
    const entries = Array.from({ length: count * repeated }, (_, at) => ({ content: nobody(at % count), platform }));
    await gated.push('app', 'v1', buildIndex(entries));
    assert.equal((await pull(gated)).status, status, String(count));
  }
});
