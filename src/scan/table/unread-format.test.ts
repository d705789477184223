import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { memoryImage } from '../../../testing/memory-image.ts';
import { npmPackage } from '../../../testing/package-files.ts';
import { silentProgress } from '../../base/progress.ts';
import type { Image } from '../../oci/image.ts';
import type { Inventory } from '../../package/inventory.ts';
import { ScanCache } from '../cache/scan-cache.ts';
import { readImageInventory } from '../image-inventory.ts';
import { LayerPool } from '../layer-pool.ts';
import { skipNothing } from '../skip-rules.ts';

type Annotations = Readonly<Record<string, string>>;

function imageOf(layer: Annotations, manifest?: Annotations): Image {
  const layers = [{ tar: [npmPackage('left-pad', '1.3.0')], annotations: layer }];
  return memoryImage(
    buildImage({ layers, ...(manifest === undefined ? {} : { manifest: { annotations: manifest } }) }),
  );
}

async function read(image: Image, cache: ScanCache): Promise<Inventory> {
  await using pool = new LayerPool(1);
  const { signal } = new AbortController();
  return await readImageInventory(image, { runner: pool, cache, skip: skipNothing, progress: silentProgress, signal });
}

const snapshot = 'containerd.io/snapshot';

const cases: readonly (readonly [string, Image, RegExp | undefined])[] = [
  ['a Nydus bootstrap', imageOf({ [`${snapshot}/nydus-bootstrap`]: 'true' }), /one of Nydus \(.*nydus-bootstrap\)/],
  ['a Nydus blob', imageOf({ [`${snapshot}/nydus-blob`]: 'true' }), /one of Nydus/],
  ['an overlaybd layer', imageOf({ [`${snapshot}/overlaybd/blob-digest`]: 'x', a: '' }), /one of overlaybd/],
  ['a turboOCI layer', imageOf({ [`${snapshot}/overlaybd/turbo-oci/target-digest`]: 'x' }), /one of overlaybd/],
  ['an older fastoci layer', imageOf({ [`${snapshot}/overlaybd/fastoci/target-digest`]: 'x' }), /one of overlaybd/],
  ['a SOCI index', imageOf({}, { 'com.amazon.soci.index-digest': 'x' }), /SOCI index/],
  [
    'annotations of other kinds',
    imageOf({ [`${snapshot}/other`]: 'x', 'org.example': 'nydus-blob' }, { a: 'b' }),
    undefined,
  ],
  ['the index of SOCI on a layer', imageOf({ 'com.amazon.soci.index-digest': 'x' }), undefined],
];

for (const [what, image, said] of cases) {
  test(`unreadFormats() ${said === undefined ? 'says nothing of' : 'tells of'} an image with ${what}, known from another or not`, async () => {
    using folder = temporaryDirectory();
    const cache = new ScanCache(folder.path, 1e9, 'sig', () => Date.now());
    const plain = imageOf({});
    for (const before of [undefined, plain]) {
      if (before !== undefined) assert.deepEqual((await read(before, cache)).problems, []);
      const { packages, problems } = await read(image, cache);
      assert.equal(packages.length, 1);
      const told = problems.map(({ code, incomplete }) => [code, incomplete]);
      assert.deepEqual(told, said === undefined ? [] : [['LAYER_FORMAT_UNREAD', true]]);
      if (said !== undefined) assert.match(problems[0]?.message ?? '', said);
    }
    assert.deepEqual((await read(plain, cache)).problems, []);
  });
}
