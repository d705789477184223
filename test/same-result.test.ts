import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync, linkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { silentProgress } from '../src/base/progress.ts';
import { decompress } from '../src/codec/compression/decompress.ts';
import { defaultInflateLimits } from '../src/codec/compression/limits.ts';
import { defaultTarLimits } from '../src/codec/tar/limits.ts';
import { TarReader } from '../src/codec/tar/reader.ts';
import { openNetwork } from '../src/net/open-network.ts';
import type { Image } from '../src/oci/image.ts';
import { openRegistryImage } from '../src/oci/client/open-registry-image.ts';
import { openLocalImage } from '../src/oci/open-local.ts';
import { parseReference } from '../src/oci/reference.ts';
import type { Inventory } from '../src/package/inventory.ts';
import { readDirectoryInventory } from '../src/scan/directory-inventory.ts';
import { readImageInventory } from '../src/scan/image-inventory.ts';
import { LayerPool } from '../src/scan/layer-pool.ts';
import { skipNothing } from '../src/scan/skip-rules.ts';
import { buildImage, type BuiltImage } from '../testing/image/image-builder.ts';
import { dockerArchive, layoutFiles, ociArchive, writeFiles } from '../testing/image/image-files.ts';
import { directory, file, hardlink, opaque, symlink, whiteout } from '../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../testing/image/temporary-directory.ts';
import { apkDatabase, goProgram, javaArchiveFile, npmPackage, osRelease } from '../testing/package-files.ts';
import { startTestRegistry } from '../testing/registry/test-registry.ts';
import { needsSharedData, sharedData } from '../testing/shared-data.ts';

const defaultPlatform = { os: 'linux', architecture: 'amd64' };
const signal = new AbortController().signal;

async function inventoryOf(image: Image): Promise<Inventory> {
  await using pool = new LayerPool(2);
  return await readImageInventory(image, { runner: pool, skip: skipNothing, progress: silentProgress, signal });
}

async function local(path: string): Promise<Inventory> {
  await using image = await openLocalImage(path, { defaultPlatform });
  return await inventoryOf(image);
}

/** What every source must agree on: archives may store layers otherwise, so blob digests differ, and nothing else. */
function withoutDigests(inventory: Inventory): Inventory {
  const packages = inventory.packages.map((found) => ({
    ...found,
    locations: found.locations.map(({ path, layer }) =>
      layer === undefined ? { path } : { path, layer: { diffId: layer.diffId } },
    ),
  }));
  return { ...inventory, packages };
}

/** A folder has no layers at all. */
function withoutLayers(inventory: Inventory): Inventory {
  const packages = inventory.packages.map((found) => ({
    ...found,
    locations: found.locations.map(({ path }) => ({ path })),
  }));
  return { ...inventory, packages };
}

/** Unpacks the layers of an image into a folder, one after another, as a runtime does. */
async function unpack(image: Image, root: string): Promise<void> {
  for (const layer of image.layers) {
    const reader = new TarReader((entry) => {
      const path = join(root, entry.path);
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (name === '.wh..wh..opq') {
        for (const child of readdirSync(dirname(path))) rmSync(join(dirname(path), child), { recursive: true });
        return undefined;
      }
      if (name.startsWith('.wh.')) {
        rmSync(join(dirname(path), name.slice(4)), { recursive: true, force: true });
        return undefined;
      }
      if (entry.type === 'other') return undefined;
      mkdirSync(dirname(path), { recursive: true });
      const known = lstatSync(path, { throwIfNoEntry: false });
      if (known !== undefined && !(known.isDirectory() && entry.type === 'directory'))
        rmSync(path, { recursive: true });
      if (entry.type === 'directory') mkdirSync(path, { recursive: true });
      if (entry.type === 'symlink') symlinkSync(entry.linkName, path);
      if (entry.type === 'hardlink') linkSync(join(root, entry.linkName), path);
      if (entry.type !== 'file') return undefined;
      writeFileSync(path, '');
      // Links to the file may follow in the same layer, so it is there before its bytes are.
      const chunks: Buffer[] = [];
      return {
        data: (chunk) => chunks.push(Buffer.from(chunk)) > 0,
        end: () => {
          writeFileSync(path, Buffer.concat(chunks));
          chmodSync(path, entry.mode | 0o400);
        },
      };
    }, defaultTarLimits);
    await decompress(layer.open(), (chunk) => reader.write(chunk), defaultInflateLimits);
    reader.end();
  }
}

async function unpacked(path: string): Promise<Inventory> {
  using folder = temporaryDirectory();
  await using image = await openLocalImage(path, { defaultPlatform });
  await unpack(image, folder.path);
  return await readDirectoryInventory(folder.path, { skip: skipNothing, progress: silentProgress, signal });
}

/** Puts an image into a registry on loopback and reads it from there. */
async function throughRegistry(image: Image): Promise<Inventory> {
  await using registry = await startTestRegistry();
  const layers: { readonly mediaType: string; readonly digest: string; readonly size: number }[] = [];
  for (const layer of image.layers) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of layer.open()) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const digest = registry.store.putBlob('team/app', bytes);
    layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: bytes.length });
  }
  const digest = registry.store.putBlob('team/app', image.rawConfig);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: image.rawConfig.length };
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  registry.store.putManifest('team/app', '1', mediaType, manifest);
  await using network = openNetwork({});
  const reference = parseReference(`${registry.host}/team/app:1`);
  await using opened = await openRegistryImage(network, reference, { defaultPlatform: image.platform });
  return await inventoryOf(opened);
}

const built: BuiltImage = buildImage({
  layers: [
    {
      tar: [
        directory('usr/lib'),
        symlink('lib', 'usr/lib'),
        osRelease('alpine', '3.19.1', 'usr/lib/os-release'),
        symlink('etc/os-release', '../usr/lib/os-release'),
        apkDatabase({ musl: '1.2.4-r2', nodejs: '20.1-r0' }, 'usr/lib/apk/db/installed'),
        npmPackage('old', '1.0.0'),
        npmPackage('left-pad', '1.2.0'),
        npmPackage('hidden', '1.0.0', 'srv'),
        goProgram('usr/bin/tool', 'example.com/tool', 'example.com/dep', 'v1.4.0'),
      ],
    },
    {
      tar: [
        npmPackage('left-pad', '1.3.0'),
        whiteout('app/node_modules/old'),
        opaque('srv'),
        npmPackage('shown', '2.0.0', 'srv'),
        javaArchiveFile('opt/app.jar', 'org.example', 'app', '3.1'),
        file('store/1', JSON.stringify({ name: 'linked', version: '1.0.0' })),
        hardlink('app/node_modules/linked/package.json', 'store/1'),
        hardlink('usr/bin/same-tool', 'usr/bin/tool'),
      ],
      compression: 'zstd',
    },
    { tar: [apkDatabase({ musl: '1.2.5-r0', nodejs: '20.1-r0' }, 'usr/lib/apk/db/installed')], compression: 'none' },
  ],
});

test('an image is the same through every source', async () => {
  using folder = temporaryDirectory();
  const archive = folder.write('oci.tar', ociArchive([{ content: built }]));
  const expected = await local(archive);
  assert.deepEqual(expected.packages.map(({ name, version }) => `${name}@${version}`).sort(), [
    'example.com/dep@v1.4.0',
    'example.com/tool@v1.0.0',
    'left-pad@1.3.0',
    'linked@1.0.0',
    'musl@1.2.5-r0',
    'nodejs@20.1-r0',
    'org.example:app@3.1',
    'shown@2.0.0',
    'stdlib@1.22.1',
  ]);
  assert.deepEqual(expected.problems, []);
  const layout = join(folder.path, 'layout');
  writeFiles(layout, layoutFiles([{ content: built }]));
  assert.deepEqual(await local(layout), expected);
  for (const dialect of ['docker', 'kaniko', 'skopeo', 'docker-25'] as const) {
    const path = folder.write(`${dialect}.tar`, dockerArchive([{ image: built }], dialect));
    assert.deepEqual(withoutDigests(await local(path)), withoutDigests(expected), dialect);
  }
  await using image = await openLocalImage(archive, { defaultPlatform });
  assert.deepEqual(withoutDigests(await throughRegistry(image)), withoutDigests(expected));
  assert.deepEqual(programsOnce(withoutLayers(await unpacked(archive))), withoutLayers(expected));
});

/** A folder does not tell which of two hard links is the other's: a program is listed under both. */
function programsOnce(inventory: Inventory): Inventory {
  return {
    ...inventory,
    packages: inventory.packages.filter(({ locations }) => locations[0]?.path !== 'usr/bin/same-tool'),
  };
}

const realImages: readonly string[] = [
  'alpine-3.10.docker-archive.tar.gz',
  'alpine-3.14.oci-archive.tar',
  'alpine-3.19-npm.docker-archive.tar',
  'busybox-1.31.1.oci-archive.tar',
  'busybox-armv7.docker-oci-archive.tar',
  'busybox-attestation.oci-archive.tar',
  'java-uberjar.docker-archive.tar',
  'nodes-multi.oci-archive.tar',
];

for (const name of realImages) {
  test(`${name} is the same through a registry and unpacked`, needsSharedData('images', name), async () => {
    const path = sharedData('images', name) as string;
    const expected = await local(path);
    assert.deepEqual(expected.problems, []);
    await using image = await openLocalImage(path, { defaultPlatform });
    assert.deepEqual(withoutDigests(await throughRegistry(image)), withoutDigests(expected));
    assert.deepEqual(withoutLayers(await unpacked(path)), withoutLayers(expected));
  });
}
