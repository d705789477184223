import assert from 'node:assert/strict';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { findTag } from '../../store/metadata/tags.ts';
import type { ContentEvent } from '../content/content.ts';
import { importContent, type ImportReport } from './import-content.ts';
import { openImportSource } from './open-source.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const pushed = new Date('2024-05-06T07:08:09Z');

/** An image of one large and one small layer, as documents by digest. */
function sample(name: string): { readonly blobs: readonly Buffer[]; readonly manifest: Buffer } {
  const blobs = [
    Buffer.from(`{"os":"linux","of":"${name}"}`),
    Buffer.alloc(200_000, name),
    Buffer.from(`small ${name}`),
  ];
  const [config, ...layers] = blobs.map((bytes) => ({ digest: digestOfText(bytes), size: bytes.length }));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: imageType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer })),
    }),
  );
  return { blobs, manifest };
}

function indexOf(manifest: Buffer): Buffer {
  const descriptor = { mediaType: imageType, digest: digestOfText(manifest), size: manifest.length };
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: [descriptor] }));
}

function put(path: string, bytes: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** Writes what distribution's registry writes (paths.go). */
function writeStorage(folder: string): { readonly image: Buffer; readonly index: Buffer } {
  const { blobs, manifest } = sample('stored');
  const index = indexOf(manifest);
  const root = join(folder, 'docker/registry/v2');
  for (const bytes of [...blobs, manifest, index]) {
    const hex = digestOfText(bytes).slice('sha256:'.length);
    put(join(root, 'blobs/sha256', hex.slice(0, 2), hex, 'data'), bytes);
  }
  const repository = join(root, 'repositories/team/app');
  for (const bytes of [manifest, index]) {
    const digest = digestOfText(bytes);
    put(join(repository, '_manifests/revisions', digest.replace(':', '/'), 'link'), digest);
  }
  const tag = join(repository, '_manifests/tags/v1/current/link');
  put(tag, digestOfText(index));
  utimesSync(tag, pushed, pushed);
  // What was deleted leaves links to nothing.
  put(join(repository, '_manifests/tags/gone/current/link'), digestOfText('gone'));
  put(join(repository, '_uploads/some/data'), 'half');
  return { image: manifest, index };
}

function writeLayout(folder: string, name: string, tag: string): Buffer {
  const { blobs, manifest } = sample(name);
  for (const bytes of [...blobs, manifest]) put(join(folder, 'blobs', digestOfText(bytes).replace(':', '/')), bytes);
  put(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  const manifests = [{ mediaType: imageType, digest: digestOfText(manifest), size: manifest.length, annotations }];
  put(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  return manifest;
}

async function take(
  own: OwnRegistry,
  folder: string,
  name?: string,
  events: ContentEvent[] = [],
): Promise<ImportReport> {
  const journal = (_: unknown, event: ContentEvent): Promise<void> => {
    events.push(event);
    return Promise.resolve();
  };
  return importContent(own.registry.content, await openImportSource(folder, name), { journal });
}

test('importContent() takes over the storage of a registry, with its times', async () => {
  using folder = temporaryDirectory();
  await using own = await startOwnRegistry();
  const { image, index } = writeStorage(folder.path);
  const events: ContentEvent[] = [];
  assert.deepEqual(await take(own, folder.path, undefined, events), {
    repositories: 1,
    manifests: 2,
    tags: 1,
    problems: [],
    leftOut: new Set(),
  });
  assert.deepEqual((await own.ask('GET', 'team/app/manifests/v1')).body, index);
  assert.deepEqual((await own.ask('GET', `team/app/manifests/${digestOfText(image)}`)).body, image);
  for (const bytes of sample('stored').blobs) {
    assert.deepEqual((await own.ask('GET', `team/app/blobs/${digestOfText(bytes)}`)).body, bytes);
  }
  const tag = await findTag(own.registry.content.database, 1, 'v1');
  assert.equal(tag?.pushedAt, pushed.getTime());
  assert.equal(
    events.some((event) => event.tag === 'v1'),
    true,
  );
  assert.equal((await take(own, folder.path)).manifests, 0, 'again, nothing is left to do');
});

test('importContent() takes over layouts, one or many', async () => {
  using folder = temporaryDirectory();
  await using own = await startOwnRegistry();
  const one = writeLayout(join(folder.path, 'one'), 'one', 'v1');
  await take(own, join(folder.path, 'one'), 'named');
  assert.deepEqual((await own.ask('GET', 'named/manifests/v1')).body, one);
  await assert.rejects(take(own, join(folder.path, 'one')), { code: 'IMPORT_UNKNOWN', message: /--repository/ });
  const nested = writeLayout(join(folder.path, 'zot/a/b'), 'nested', 'registry.example.com/a/b:2.0');
  writeLayout(join(folder.path, 'zot/c'), 'another', 'latest');
  assert.equal((await take(own, join(folder.path, 'zot'))).repositories, 2);
  assert.deepEqual((await own.ask('GET', 'a/b/manifests/2.0')).body, nested);
  assert.equal((await own.ask('GET', 'c/manifests/latest')).status, 200);
});

test('importContent() tells what is damaged, and takes over the rest', async () => {
  using folder = temporaryDirectory();
  await using own = await startOwnRegistry();
  writeLayout(join(folder.path, 'a/good'), 'good', 'v1');
  const bad = join(folder.path, 'a/bad');
  writeLayout(bad, 'bad', 'v1');
  const [, large = Buffer.alloc(0)] = sample('bad').blobs;
  put(join(bad, 'blobs', digestOfText(large).replace(':', '/')), Buffer.alloc(large.length, 'x'));
  const missing = join(folder.path, 'a/missing');
  writeLayout(missing, 'missing', 'v1');
  rmSync(join(missing, 'blobs', digestOfText(sample('missing').blobs[2] as Buffer).replace(':', '/')));
  const { problems, manifests } = await take(own, join(folder.path, 'a'));
  assert.equal(manifests, 1);
  assert.deepEqual(
    [...new Set(problems.map(({ code, subject }) => `${subject.split(' ')[0]} ${code}`))],
    ['bad DIGEST_MISMATCH', 'bad MANIFEST_BLOB_UNKNOWN', 'missing BLOB_UNKNOWN', 'missing MANIFEST_BLOB_UNKNOWN'],
  );
  assert.equal((await own.ask('GET', 'good/manifests/v1')).status, 200);
  assert.equal((await own.ask('GET', 'bad/manifests/v1')).status, 404);
  assert.equal((await own.ask('GET', `bad/blobs/${digestOfText(large)}`)).status, 404);
});

test('openImportSource() refuses what it does not know', async () => {
  using folder = temporaryDirectory();
  folder.write('file', '');
  await assert.rejects(openImportSource(folder.path, undefined), { code: 'IMPORT_UNKNOWN' });
  await assert.rejects(openImportSource(join(folder.path, 'none'), undefined), { code: 'IMPORT_UNKNOWN' });
});

test('importContent() brings a foreign layer for an image that came without it before', async () => {
  using folder = temporaryDirectory();
  await using own = await startOwnRegistry();
  const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
  const { blobs, descriptor, layers } = buildImage({
    layers: [{ tar: [file('a', 'a')], mediaType, urls: ['https://publisher.example/a'] }],
  });
  const { digest } = layers[0] as Descriptor;
  const path = (name: string): string => join(folder.path, 'blobs', name.replace(':', '/'));
  for (const [name, bytes] of blobs) if (name !== digest) put(path(name), bytes);
  put(join(folder.path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const annotations = { 'org.opencontainers.image.ref.name': 'v1' };
  put(
    join(folder.path, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptor, annotations }] }),
  );
  const without = await take(own, folder.path, 'app');
  assert.deepEqual([without.manifests, [...without.leftOut], without.problems], [1, [digest], []]);
  put(path(digest), blobs.get(digest) as Buffer);
  const again = await take(own, folder.path, 'app');
  assert.deepEqual([again.manifests, [...again.leftOut], again.problems], [0, [], []]);
  assert.deepEqual((await own.ask('GET', `app/blobs/${digest}`)).body, blobs.get(digest));
});
