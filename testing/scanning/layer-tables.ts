import { silentProgress } from '../../src/base/progress.ts';
import type { Problem } from '../../src/base/problem.ts';
import type { Image } from '../../src/oci/image.ts';
import type { ScanCache } from '../../src/scan/cache/scan-cache.ts';
import { readImageInventory } from '../../src/scan/image-inventory.ts';
import { LayerPool } from '../../src/scan/layer-pool.ts';
import { skipNothing } from '../../src/scan/skip-rules.ts';
import { buildImage, type BuiltImage, sha256 } from '../image/image-builder.ts';
import type { ListedEntry, TableChanges, TableLayer } from '../image/table-layer.ts';
import { directory, file, hardlink, opaque, symlink, type TarEntry, whiteout } from '../image/tar-writer.ts';
import { npmPackage } from '../package-files.ts';

/** A layer with entries of every kind. */
export const entries: readonly TarEntry[] = [
  directory('./'),
  directory('usr/'),
  file('usr/tool', 'x'.repeat(5000), { mode: 0o4755 }),
  file('./empty'),
  npmPackage('left-pad', '1.3.0'),
  symlink('lib', 'usr/lib'),
  hardlink('usr/same', './usr/tool'),
  { name: 'pipe', type: 'fifo' },
  directory('usr'),
  whiteout('usr/gone'),
  opaque('var'),
  file('kalt/\u00e9tude', 'é'),
];

/** An image of one layer. */
export function imageOf(layer: TableLayer): BuiltImage {
  return buildImage({ layers: [layer] });
}

/** What is told of an image. */
export async function problemsOf(image: Image, cache?: ScanCache): Promise<readonly Problem[]> {
  await using pool = new LayerPool(1);
  const { signal } = new AbortController();
  const context = { runner: pool, skip: skipNothing, progress: silentProgress, signal };
  return (await readImageInventory(image, cache === undefined ? context : { ...context, cache })).problems;
}

/** Changes what the table says of one name. */
export function changed(name: string, change: ListedEntry): TableChanges {
  return { entries: (all) => all.map((entry) => (entry['name'] === name ? { ...entry, ...change } : entry)) };
}

/** What a table says of content that is not there. */
export const other: { readonly digest: string; readonly chunkDigest: string } = {
  digest: sha256(Buffer.from('y')),
  chunkDigest: sha256(Buffer.from('y')),
};
