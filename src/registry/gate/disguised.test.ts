import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  buildImage,
  type BuiltContent,
  type BuiltImage,
  encode,
  sha256,
} from '../../../testing/image/image-builder.ts';
import { noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import { gateLimits } from './limits.ts';

/*
 * Images whose media types say that they are none, and which clients unpack all the same: Podman does not look at the type of a config in
 * Docker's format, and takes any type of that format for a layer's; Docker takes configs of types that registries once made of theirs.
 */

const docker = 'application/vnd.docker.distribution.manifest.v2+json';
const dockerConfig = 'application/vnd.docker.container.image.v1+json';

/** An image of Docker's format or OCI's whose config and layer say what they like. */
function disguised(isDocker: boolean, config: string, layer: string): BuiltContent {
  const built = buildImage({ layers: [{ tar: [{ name: 'note', body: `${config} ${layer}` }] }], docker: isDocker });
  const { mediaType } = built.descriptor;
  const layers = built.layers.map((one) => ({ ...one, mediaType: layer }));
  const bytes = encode({ schemaVersion: 2, mediaType, config: { ...built.config, mediaType: config }, layers });
  const digest = sha256(bytes);
  return { descriptor: { mediaType, digest, size: bytes.length }, blobs: new Map([...built.blobs, [digest, bytes]]) };
}

for (const [what, content] of [
  ["another config in Docker's format", disguised(true, 'application/x', dockerConfig)],
  ["an empty config in Docker's format", disguised(true, 'application/vnd.oci.empty.v1+json', docker)],
  ['a config in JSON', disguised(true, 'application/json', 'application/x')],
  ['a config in JSON in the format of OCI', disguised(false, 'application/json', 'application/x')],
  ['a page for a config', disguised(false, 'text/html', 'application/x')],
] as const) {
  test(`openPolicyGate() takes an image with ${what} for what it is`, async () => {
    await using gated = await startGatedRegistry({ rules: [noCriticals] });
    await gated.push('app', 'v1', content);
    assert.equal((await gated.own.ask('GET', 'app/manifests/v1')).status, 429, 'it waits for its scan');
  });
}

test("openPolicyGate() lets artifacts of OCI's format pass that no runtime takes", async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  await gated.push('app', 'v1', disguised(false, 'application/vnd.example.config', 'application/x'));
  assert.equal((await gated.own.ask('GET', 'app/manifests/v1')).status, 200);
});

test('openPolicyGate() gives no layer of a refused image to what is attached and names it too', async () => {
  await using gated = await startGatedRegistry({
    rules: [{ name: 'r', action: 'deny', kind: 'config', nonRoot: true }],
  });
  const image = (user: string): BuiltImage =>
    buildImage({ layers: [{ tar: [{ name: 'note', body: 'one' }] }], config: { config: { User: user } } });
  const refused = image('0');
  const [layer] = refused.layers;
  assert.ok(layer !== undefined);
  const ask = async (): Promise<number> => (await gated.own.ask('GET', `app/blobs/${layer.digest}`)).status;
  await gated.push('app', 'refused', refused);
  assert.equal(await ask(), 403);
  const artifactType = 'application/vnd.example';
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(encode({})), size: 2 };
  const layers = [{ ...layer, mediaType: 'application/x' }];
  const { mediaType } = refused.descriptor;
  const attached = { schemaVersion: 2, mediaType, artifactType, config, layers, subject: refused.descriptor };
  const bytes = encode(attached);
  const digest = sha256(bytes);
  const blobs = new Map([...refused.blobs, [config.digest, encode({})], [digest, bytes]]);
  await gated.push('app', 'attached', { descriptor: { mediaType, digest, size: bytes.length }, blobs });
  assert.equal((await gated.own.ask('GET', 'app/manifests/attached')).status, 200);
  assert.equal((await gated.own.ask('GET', `app/blobs/${config.digest}`)).status, 200);
  assert.equal(await ask(), 403, 'the image decides');
  const attach = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      const more = encode({ ...attached, annotations: { at: `${count} ${at}` } });
      const named = { mediaType, digest: sha256(more), size: more.length };
      await gated.push('app', `attached-${at}`, { descriptor: named, blobs: new Map([[named.digest, more]]) });
    }
  };
  await attach(gateLimits.holders);
  assert.equal(await ask(), 403, 'however many newer things are attached');
  await attach(gateLimits.bareHolders);
  assert.equal(await ask(), 403, 'also where there are too many to look at');
  await gated.push('app', 'good', image('1000'));
  assert.equal(await ask(), 200, 'an image that passes has it');
});

test('openPolicyGate() gives no layer of a refused image to an index that lists it beside images that pass', async () => {
  const rule = { name: 'r', action: 'deny', kind: 'config', nonRoot: true } as const;
  await using gated = await startGatedRegistry({ rules: [rule] });
  gated.use({ rules: [rule] }, { platforms: ['linux/amd64'] });
  const image = (user: string, body: string): BuiltImage =>
    buildImage({ layers: [{ tar: [{ name: 'note', body }] }], config: { config: { User: user } } });
  const [refused, good] = [image('0', 'refused'), image('1000', 'good')];
  const [layer] = refused.layers;
  assert.ok(layer !== undefined);
  const ask = async (): Promise<number> => (await gated.own.ask('GET', `app/blobs/${layer.digest}`)).status;
  await gated.push('app', 'refused', refused);
  const listed = { ...good.descriptor, platform: { os: 'linux', architecture: 'amd64' } };
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const bytes = encode({ schemaVersion: 2, mediaType, manifests: [listed, layer] });
  const descriptor = { mediaType, digest: sha256(bytes), size: bytes.length };
  await gated.push('app', 'index', { descriptor, blobs: new Map([...good.blobs, [descriptor.digest, bytes]]) });
  assert.equal((await gated.own.ask('GET', 'app/manifests/index')).status, 200);
  assert.equal(await ask(), 403, 'the image that has it decides');
});

test('openPolicyGate() gives the layers of an image behind many newer ones that have them and are refused', async () => {
  await using gated = await startGatedRegistry({
    rules: [{ name: 'r', action: 'deny', kind: 'config', nonRoot: true }],
  });
  const image = (user: string, note: number): BuiltImage =>
    buildImage({
      layers: [{ tar: [{ name: 'note', body: 'base' }] }],
      config: { config: { User: user, Labels: { note: String(note) } } },
    });
  const good = image('1000', 0);
  await gated.push('app', 'good', good);
  const count = gateLimits.holders + 1;
  for (let note = 0; note < count; note += 1) await gated.push('app', `refused-${note}`, image('0', note));
  for (const { digest } of good.layers) {
    assert.equal((await gated.own.ask('GET', `app/blobs/${digest}`)).status, 200);
  }
});

test('openPolicyGate() lets no image pass whose config names two users', async () => {
  await using gated = await startGatedRegistry({
    rules: [{ name: 'r', action: 'deny', kind: 'config', nonRoot: true }],
  });
  const user = (more: object): BuiltContent =>
    buildImage({ layers: [], config: { config: { User: '1000' }, ...more } });
  for (const [tag, content, status] of [
    ['one', user({}), 200],
    ['two', user({ Config: { User: '0' } }), 503],
    ['forms', user({ config: { User: '1000', user: '0' } }), 503],
    ['case', user({ config: { user: '0' } }), 403],
  ] as const) {
    await gated.push('app', tag, content);
    const answer = await gated.own.ask('GET', `app/manifests/${tag}`);
    assert.equal(answer.status, status, `${tag} ${answer.body.toString()}`);
  }
});
