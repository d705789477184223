import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage, type BuiltImage, type LayerCompression } from '../../testing/image/image-builder.ts';
import { ociArchive } from '../../testing/image/image-files.ts';
import { file, hardlink, opaque, symlink, whiteout, type TarEntry } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { memoryImage } from '../../testing/memory-image.ts';
import {
  apkDatabase,
  dpkgDatabase,
  goProgram,
  javaArchiveFile,
  npmPackage,
  osRelease,
} from '../../testing/package-files.ts';
import { buildZip } from '../../testing/zip-builder.ts';
import { silentProgress } from '../base/progress.ts';
import { openArchiveImage } from '../oci/archive/open-archive.ts';
import type { DiffId } from '../oci/digest.ts';
import { OciError } from '../oci/error.ts';
import type { Image, Layer } from '../oci/image.ts';
import type { Inventory } from '../package/inventory.ts';
import { ScanCache } from './cache/scan-cache.ts';
import { ImageBudget } from './image-budget.ts';
import { readImageInventory, type InventoryContext } from './image-inventory.ts';
import { LayerPool } from './layer-pool.ts';
import { skipNothing } from './skip-rules.ts';

function build(layers: readonly (readonly TarEntry[])[], compression: LayerCompression = 'gzip'): BuiltImage {
  return buildImage({ layers: layers.map((tar) => ({ tar, compression })) });
}

async function read(image: Image, context: Partial<InventoryContext> = {}, budget?: ImageBudget): Promise<Inventory> {
  await using pool = new LayerPool(2);
  const signal = new AbortController().signal;
  const whole = { runner: pool, skip: skipNothing, progress: silentProgress, signal, ...context };
  return await readImageInventory(image, whole, budget);
}

/** `name@version` of each package, with the index of its layer. */
function listed(inventory: Inventory, image: BuiltImage): string[] {
  return inventory.packages
    .map(({ name, version, locations: [location] }) => {
      const layer = image.diffIds.findIndex((diffId) => diffId === location?.layer?.diffId);
      return `${name}@${version} ${location?.path} #${layer}`;
    })
    .sort();
}

interface Case {
  readonly name: string;
  readonly layers: readonly (readonly TarEntry[])[];
  readonly seen: readonly string[];
}

const base = [osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2', zlib: '1.3-r0' })];

const cases: readonly Case[] = [
  {
    name: 'lists packages of all layers',
    layers: [base, [npmPackage('left-pad', '1.3.0')], [javaArchiveFile('opt/a.jar', 'org.x', 'a', '2.0')]],
    seen: [
      'left-pad@1.3.0 app/node_modules/left-pad/package.json #1',
      'musl@1.2.4-r2 lib/apk/db/installed #0',
      'org.x:a@2.0 opt/a.jar #2',
      'zlib@1.3-r0 lib/apk/db/installed #0',
    ],
  },
  {
    name: 'takes only the database of the uppermost layer',
    layers: [base, [apkDatabase({ musl: '1.2.5-r0' })]],
    seen: ['musl@1.2.5-r0 lib/apk/db/installed #1'],
  },
  {
    name: 'forgets what a whiteout removes',
    layers: [
      [npmPackage('a', '1.0.0'), npmPackage('b', '1.0.0')],
      [whiteout('app/node_modules/a'), whiteout('app/node_modules/none')],
    ],
    seen: ['b@1.0.0 app/node_modules/b/package.json #0'],
  },
  {
    name: 'forgets what an opaque folder hides, and keeps what comes with it',
    layers: [[npmPackage('a', '1.0.0')], [opaque('app/node_modules'), npmPackage('c', '3.0.0')]],
    seen: ['c@3.0.0 app/node_modules/c/package.json #1'],
  },
  {
    name: 'takes the upper version of an upgraded package',
    layers: [[npmPackage('a', '1.0.0')], [npmPackage('a', '2.0.0')]],
    seen: ['a@2.0.0 app/node_modules/a/package.json #1'],
  },
  {
    name: 'finds a package that only a hard link still names',
    layers: [
      [file('tmp/x', JSON.stringify({ name: 'a', version: '1.0.0' }))],
      [hardlink('app/node_modules/a/package.json', 'tmp/x'), whiteout('tmp/x')],
    ],
    seen: ['a@1.0.0 app/node_modules/a/package.json #0'],
  },
  {
    name: 'finds a program that only a hard link still names, and once',
    layers: [
      [goProgram('tmp/build', 'example.com/m', 'example.com/d', 'v1.2.3')],
      [hardlink('usr/bin/m', 'tmp/build'), hardlink('usr/bin/n', 'tmp/build')],
      [whiteout('tmp/build')],
    ],
    seen: ['example.com/d@v1.2.3', 'example.com/m@v1.0.0', 'stdlib@1.22.1'].map((name) => `${name} usr/bin/m #0`),
  },
  {
    name: 'reads a program once, whatever its links',
    layers: [
      [
        goProgram('usr/bin/m', 'example.com/m', 'example.com/d', 'v1.2.3'),
        hardlink('usr/bin/n', 'usr/bin/m'),
        symlink('usr/bin/o', 'm'),
      ],
    ],
    seen: ['example.com/d@v1.2.3', 'example.com/m@v1.0.0', 'stdlib@1.22.1'].map((name) => `${name} usr/bin/m #0`),
  },
  {
    name: 'finds a file under the name of a symlink, at its real path',
    layers: [
      [file('store/1', JSON.stringify({ name: 'a', version: '1.0.0' })), symlink('m/package.json', '../store/1')],
    ],
    seen: ['a@1.0.0 store/1 #0'],
  },
  {
    name: 'finds the database behind a folder that became a link',
    layers: [[apkDatabase({ musl: '1' }, 'real/apk/db/installed')], [symlink('lib', 'real')]],
    seen: ['musl@1 real/apk/db/installed #0'],
  },
  {
    name: 'reads the database of dpkg in the base and packages of the application above',
    layers: [
      [osRelease('debian', '12'), dpkgDatabase({ libc6: '2.36-9' })],
      [dpkgDatabase({ libc6: '2.36-9', curl: '7.88.1-10' })],
      [npmPackage('a', '1.0.0')],
    ],
    seen: [
      'a@1.0.0 app/node_modules/a/package.json #2',
      'curl@7.88.1-10 var/lib/dpkg/status #1',
      'libc6@2.36-9 var/lib/dpkg/status #1',
    ],
  },
];

for (const { name, layers, seen } of cases) {
  test(`readImageInventory() ${name}`, async () => {
    const built = build(layers);
    const inventory = await read(memoryImage(built));
    assert.deepEqual(listed(inventory, built), [...seen].sort());
    assert.deepEqual(inventory.problems, []);
  });
}

/** Large enough for a thread, and not to be packed away. */
const ballast = file(
  'ballast',
  Buffer.from(Array.from({ length: 5 * 2 ** 20 }, (_, at) => Math.imul(at, 0x9e3779b1) >>> 24)),
);
const mixed = [base, [npmPackage('left-pad', '1.3.0'), ballast], [javaArchiveFile('opt/a.jar', 'org.x', 'a', '2.0')]];

for (const compression of ['none', 'gzip', 'gzip-multi', 'zstd', 'zstd-multi'] as const) {
  test(`readImageInventory() reads layers stored as ${compression}, in threads and not, from files and not`, async () => {
    const built = build(mixed, compression);
    using folder = temporaryDirectory();
    const path = folder.write('image.tar', ociArchive([{ content: built }]));
    const options = { name: 'x', selector: {}, defaultPlatform: { os: 'linux', architecture: 'amd64' } };
    await using archived = await openArchiveImage(path, options);
    const fromFile = await read(archived);
    const locating = memoryImage(built, (layer, at) => {
      const { range } = archived.layers[at] as Layer;
      return { ...layer, locate: async () => range, open: () => assert.fail('opened') };
    });
    assert.deepEqual(await read(memoryImage(built)), fromFile);
    assert.deepEqual(await read(locating), fromFile);
    assert.deepEqual(fromFile.packages.map(({ name }) => name).sort(), ['left-pad', 'musl', 'org.x:a', 'zlib']);
  });
}

test('readImageInventory() lists the rest when layers fail, says so in their order, and caches no such result', async () => {
  const built = build([...mixed, [npmPackage('last', '1.0.0'), ballast], [npmPackage('foreign', '1.0.0')]]);
  using folder = temporaryDirectory();
  const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
  const broken = memoryImage(built, (layer, at) => {
    if (at === 1) return { ...layer, open: () => failing(new OciError('REGISTRY_UNAVAILABLE', 'try again')) };
    if (at === 2) return { ...layer, absent: 'missing' };
    if (at === 3) return { ...layer, open: () => failing(new TypeError('what')) };
    return at === 4 ? { ...layer, absent: 'foreign' } : layer;
  });
  const inventory = await read(broken, { cache });
  assert.deepEqual(
    inventory.packages.map(({ name }) => name),
    ['musl', 'zlib'],
  );
  const subjects = [built.layers[1]?.digest, built.diffIds[2], built.layers[3]?.digest, built.diffIds[4]];
  const codes = ['REGISTRY_UNAVAILABLE', 'LAYER_MISSING', 'LAYER_UNREADABLE', 'LAYER_FOREIGN'];
  assert.deepEqual(
    inventory.problems.map(({ code, subject, incomplete }) => ({ code, subject, incomplete })),
    codes.map((code, at) => ({ code, subject: subjects[at], incomplete: true })),
  );
  const whole = await read(memoryImage(built), { cache });
  assert.equal(whole.packages.length, 6);
  assert.deepEqual(whole.problems, []);
});

test('readImageInventory() does not take an image without its foreign layer for the whole of it', async () => {
  const built = build([base, [npmPackage('foreign', '1.0.0')]]);
  using folder = temporaryDirectory();
  const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
  const lacking = memoryImage(built, (layer, at) => (at === 1 ? { ...layer, absent: 'foreign' } : layer));
  assert.equal((await read(lacking, { cache })).packages.length, 2);
  assert.equal((await read(memoryImage(built), { cache })).packages.length, 3);
});

// eslint-disable-next-line require-yield -- a source that fails before its first bytes
async function* failing(error: unknown): AsyncGenerator<Uint8Array> {
  throw error;
}

test('readImageInventory() finds packages in entries that lead out of the image, where containerd unpacks them', async () => {
  const names = async (layers: Parameters<typeof build>[0]): Promise<readonly string[]> =>
    (await read(memoryImage(build(layers)))).packages.map(({ name }) => name);
  const database = apkDatabase({ musl: '1.2.4-r2' }, '../../lib/apk/db/installed');
  assert.deepEqual(await names([[database]]), ['musl']);
  const elsewhere = apkDatabase({ zlib: '1.3-r0' }, 'opt/database');
  assert.deepEqual(await names([[elsewhere, hardlink('lib/apk/db/installed', '../opt/database')]]), ['zlib']);
});

test('readImageInventory() gives the same from the cache, and reads no layer then', async () => {
  const built = build([...mixed, [file('app/package.json.jar', 'no zip'), file('../escape', 'x')]]);
  using folder = temporaryDirectory();
  const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
  const fresh = await read(memoryImage(built));
  const unreadable = memoryImage(built, (layer) => ({ ...layer, open: () => assert.fail('opened') }));
  assert.deepEqual(await read(memoryImage(built), { cache }), fresh);
  assert.deepEqual(await read(unreadable, { cache }), fresh);
  // Another choice of what to skip finds the layers, if not the inventory.
  const some = await read(unreadable, { cache, skip: { directories: ['/app/'], files: ['**/*.jar'] } });
  assert.deepEqual(
    some.packages.map(({ name }) => name),
    ['musl', 'zlib'],
  );
  // Other catalogers do not.
  const others = await read(unreadable, { cache: new ScanCache(folder.path, 1e9, 'other', () => Date.now()) });
  assert.equal(others.problems.length, 4);
});

test('readImageInventory() names the blobs of the source at hand, and reads those that are new', async () => {
  using folder = temporaryDirectory();
  const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
  await read(memoryImage(build(mixed, 'gzip')), { cache });
  const zstd = build(mixed, 'zstd');
  assert.deepEqual(await read(memoryImage(zstd), { cache }), await read(memoryImage(zstd)));
  const unreadable = memoryImage(zstd, (layer) => ({ ...layer, open: () => assert.fail('opened') }));
  assert.deepEqual(await read(unreadable, { cache }), await read(memoryImage(zstd)));
});

test('readImageInventory() knows no image by the DiffIDs of another that its config names', async () => {
  using folder = temporaryDirectory();
  const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
  const clean = build(mixed);
  await read(memoryImage(clean), { cache });
  const others = build(mixed.map(() => [npmPackage('bad', '1.0.0')]));
  const disguised = memoryImage(others, (layer, at) => ({ ...layer, diffId: clean.diffIds[at] as DiffId }));
  for (let round = 0; round < 2; round += 1) {
    const { packages, problems } = await read(disguised, { cache });
    assert.deepEqual(packages, []);
    assert.deepEqual(
      problems.map(({ code, incomplete }) => [code, incomplete]),
      mixed.map(() => ['DIGEST_MISMATCH', true]),
    );
  }
  // Nor by those of a layer that is kept elsewhere, and so cannot be checked.
  const foreign = memoryImage(others, (layer, at) => ({
    ...layer,
    diffId: clean.diffIds[at] as DiffId,
    absent: 'foreign',
  }));
  const { packages, problems } = await read(foreign, { cache });
  assert.deepEqual([packages, problems.map(({ code }) => code)], [[], mixed.map(() => 'LAYER_FOREIGN')]);
});

test('readImageInventory() serves many runs on one cache folder at once', async () => {
  using folder = temporaryDirectory();
  const built = build(mixed);
  const fresh = await read(memoryImage(built));
  const runs = Array.from({ length: 6 }, async () => {
    const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
    const inventory = await read(memoryImage(built), { cache });
    await cache.trim();
    return inventory;
  });
  for (const inventory of await Promise.all(runs)) assert.deepEqual(inventory, fresh);
});

test('readImageInventory() stops with the reason of its signal, also while a source stalls', async () => {
  const reason = new Error('enough');
  const built = build(mixed);
  for (const stalling of [0, 1]) {
    const controller = new AbortController();
    const image = memoryImage(built, (layer, at) => ({
      ...layer,
      open: (signal) =>
        at === stalling ? stall(signal as AbortSignal, () => controller.abort(reason)) : layer.open(signal),
    }));
    await assert.rejects(read(image, { signal: controller.signal }), reason);
  }
  await assert.rejects(read(memoryImage(built), { signal: AbortSignal.abort(reason) }), reason);
});

/** Gives a few bytes, then none until it is aborted. */
async function* stall(signal: AbortSignal, started: () => void): AsyncGenerator<Uint8Array> {
  yield Buffer.from([0x1f, 0x8b]);
  setImmediate(started);
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

test('readImageInventory() reports a file too large only where it is seen, once, and not when it is skipped', async () => {
  const huge = file('app/node_modules/a/package.json', Buffer.alloc(20 * 2 ** 20, ' '));
  const seen = await read(memoryImage(build([[huge]])));
  assert.deepEqual(
    seen.problems.map(({ code, subject }) => [code, subject]),
    [['FILE_TOO_LARGE', huge.name]],
  );
  const hidden = await read(memoryImage(build([[huge], [npmPackage('a', '1.0.0')]])));
  assert.deepEqual(hidden.problems, []);
  const skipped = await read(memoryImage(build([[huge]])), { skip: { directories: ['app'], files: [] } });
  assert.deepEqual(skipped.problems, []);
});

/** What is kept of many layers together; each layer alone stays within it. */
const small = [
  { what: 'facts', limits: { names: 1000, facts: { facts: 7, bytes: 1e6 } } },
  { what: 'bytes', limits: { names: 1000, facts: { facts: 1000, bytes: 2500 } } },
  { what: 'names', limits: { names: 40, facts: { facts: 1000, bytes: 1e6 } } },
];

for (const { what, limits } of small) {
  test(`readImageInventory() lists what there is room for when layers have too many ${what} together`, async () => {
    const layers = Array.from({ length: 8 }, (_, layer) => [
      npmPackage(`a${layer}`, '1.0.0', `${layer}`),
      npmPackage(`b${layer}`, '1.0.0', `${layer}`),
    ]);
    const image = memoryImage(build(layers));
    using folder = temporaryDirectory();
    const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
    for (const part of [{}, { cache }, { cache }]) {
      const inventory = await read(image, part, new ImageBudget(limits));
      assert.ok(inventory.packages.length >= 2 && inventory.packages.length < 16, `${inventory.packages.length}`);
      assert.equal(inventory.problems.length, 8 - inventory.packages.length / 2);
      for (const { code, incomplete } of inventory.problems)
        assert.deepEqual([code, incomplete], ['LIMIT_EXCEEDED', true]);
    }
    assert.equal((await read(image, { cache })).packages.length, 16);
  });
}

test('readImageInventory() takes what only links lead to from the same budget', async () => {
  const manifest = JSON.stringify({ name: 'a', version: '1.0.0' });
  const layers = [0, 1, 2].map((at) => [
    file(`real${at}`, manifest),
    ...['b', 'c', 'd'].map((name) => hardlink(`${name}/node_modules/${at}/package.json`, `real${at}`)),
  ]);
  const image = memoryImage(build(layers));
  assert.equal((await read(image)).packages.length, 9);
  const limits = { names: 1000, facts: { facts: 4, bytes: 1e6 } };
  const inventory = await read(image, {}, new ImageBudget(limits));
  assert.equal(inventory.packages.length, 3);
  assert.deepEqual([...new Set(inventory.problems.map(({ code }) => code))], ['LIMIT_EXCEEDED']);
});

test('readImageInventory() reads a small layer with a large archive on a thread', async () => {
  const properties = 'groupId=org.x\nartifactId=a\nversion=1.0\n';
  const jar = buildZip([
    { name: 'META-INF/maven/org.x/a/pom.properties', content: properties },
    { name: 'zeros', content: Buffer.alloc(2 ** 21) },
  ]);
  const started: number[] = [];
  class CountingPool extends LayerPool {
    override async run(...args: Parameters<LayerPool['run']>): ReturnType<LayerPool['run']> {
      started.push(1);
      return super.run(...args);
    }
  }
  await using pool = new CountingPool(1);
  for (const [name, times] of [
    ['a.jar', 1],
    ['a.txt', 0],
  ] as const) {
    started.length = 0;
    const inventory = await read(memoryImage(build([[file(name, jar)]])), { runner: pool });
    assert.deepEqual([started.length, inventory.packages.length, inventory.problems], [times, times, []]);
  }
});
