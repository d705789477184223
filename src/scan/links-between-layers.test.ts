import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage } from '../../testing/image/image-builder.ts';
import { directory, file, hardlink, symlink, type TarEntry } from '../../testing/image/tar-writer.ts';
import { memoryImage } from '../../testing/memory-image.ts';
import { apkDatabase, npmPackage } from '../../testing/package-files.ts';
import { silentProgress } from '../base/progress.ts';
import type { Inventory } from '../package/inventory.ts';
import { readImageInventory } from './image-inventory.ts';
import { LayerPool } from './layer-pool.ts';
import { skipNothing } from './skip-rules.ts';

async function read(layers: readonly (readonly TarEntry[])[]): Promise<Inventory> {
  await using pool = new LayerPool(2);
  const { signal } = new AbortController();
  const image = memoryImage(buildImage({ layers: layers.map((tar) => ({ tar })) }));
  return await readImageInventory(image, { runner: pool, skip: skipNothing, progress: silentProgress, signal });
}

function pathsOf({ packages }: Inventory): readonly (string | undefined)[] {
  return packages.map(({ locations: [location] }) => location?.path);
}

test('readImageInventory() gives files their real paths where a lower layer links folders, which some runtimes do not', async () => {
  const inventory = await read([[directory('usr/lib'), symlink('lib', 'usr/lib')], [npmPackage('a', '1.0.0', 'lib')]]);
  assert.deepEqual(pathsOf(inventory), ['usr/lib/node_modules/a/package.json']);
  const [problem] = inventory.problems;
  assert.deepEqual([problem?.code, problem?.incomplete], ['LINKS_UNCLEAR', true]);
});

test('readImageInventory() finds a package database wherever runtimes unpack it', async () => {
  const database = apkDatabase({ musl: '1.2.4-r2' }, 'd/installed');
  const layers: readonly (readonly (readonly TarEntry[])[])[] = [
    [[symlink('d', 'lib/apk/db'), database]],
    [[symlink('d', '/lib/apk/db'), file('e/x'), database, symlink('d', 'e')]],
    [[directory('lib/apk/db'), symlink('d', 'lib/apk/db'), database]],
    [[directory('lib/apk/db'), database, hardlink('lib/apk/db/installed', 'd/installed')]],
  ];
  for (const each of layers) {
    const inventory = await read(each);
    assert.deepEqual([inventory.packages.map(({ name }) => name), inventory.problems], [['musl'], []]);
  }
});
