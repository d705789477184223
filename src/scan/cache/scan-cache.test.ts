import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { sha256 } from '../../../testing/image/image-builder.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import type { Inventory } from '../../package/inventory.ts';
import { encodeLayerIndex, entryKind } from '../../rootfs/layer-index.ts';
import { LayerIndexBuilder } from '../../rootfs/layer-index-builder.ts';
import type { LayerAnalysis } from '../layer-analysis.ts';
import { type KeptLayer, ScanCache } from './scan-cache.ts';

const diffId = sha256(Buffer.from('layer'));
const layer: KeptLayer = { diffId };

function storedAs(text: string): KeptLayer {
  return { diffId, descriptor: { mediaType: 'x', size: 1, digest: sha256(Buffer.from(text)) } };
}

function analysis(): LayerAnalysis {
  const builder = new LayerIndexBuilder();
  builder.add('a/ü', entryKind.file, 0o644, 3);
  builder.add('l', entryKind.symlink, 0o777, 0, 'a/ü');
  const problems = [{ code: 'X', subject: 'ü', message: 'y' }];
  return {
    index: encodeLayerIndex(builder.build()),
    readings: [{ path: 'a/ü', entry: 1, facts: [], problems }],
    problems,
  };
}

function cacheIn(folder: string, signature = 'one'): ScanCache {
  return new ScanCache(folder, 1e8, signature, () => Date.now());
}

test('ScanCache gives back analyses and inventories, to the same catalogers only', async () => {
  using folder = temporaryDirectory();
  const cache = cacheIn(folder.path);
  const inventory: Inventory = { packages: [], problems: [] };
  await cache.putLayer(layer, analysis());
  await cache.putInventory([layer, layer], 'v', inventory);
  await cache.trim();
  assert.deepEqual(await cacheIn(folder.path).layer(layer), analysis());
  assert.deepEqual(await cacheIn(folder.path).inventory([layer, layer], 'v'), inventory);
  assert.equal(await cacheIn(folder.path, 'two').layer(layer), undefined);
  assert.equal(await cacheIn(folder.path).inventory([layer], 'v'), undefined);
  assert.equal(await cacheIn(folder.path).inventory([layer, layer], 'w'), undefined);
});

test('ScanCache knows a blob only when it was seen to unpack to what a config says', async () => {
  using folder = temporaryDirectory();
  const cache = cacheIn(folder.path);
  const inventory: Inventory = { packages: [], problems: [] };
  const [seen, other] = [storedAs('gzip'), storedAs('zstd')];
  await cache.putLayer(seen, analysis());
  await cache.putInventory([seen], '', inventory);
  assert.deepEqual(await cache.layer(seen), analysis());
  assert.deepEqual(await cache.inventory([seen], ''), inventory);
  assert.equal(await cache.layer(other), undefined);
  assert.equal(await cache.inventory([other], ''), undefined);
  await cache.putLayer(other, analysis());
  assert.deepEqual(await cache.layer(other), analysis());
  // What no blob is named for, and what is stored as it is, is what its DiffID says.
  assert.deepEqual(await cache.layer(layer), analysis());
  assert.deepEqual(await cache.layer(storedAs('layer')), analysis());
});

/** Puts other bytes, with a sum that is right, in the place of the only entry in a folder. */
function replace(folder: string, body: Buffer): void {
  const name = readdirSync(folder, { recursive: true, withFileTypes: true }).find((entry) => entry.isFile());
  const sum = createHash('sha256').update(body).digest();
  writeFileSync(join(name?.parentPath as string, name?.name as string), Buffer.concat([sum, body]));
}

function packed(json: string, index: Uint8Array = new Uint8Array(40)): Buffer {
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const head = Buffer.alloc(8);
  head.writeDoubleLE(text.length, 0);
  return zstdCompressSync(Buffer.concat([head, text, index]));
}

const strangers: readonly (readonly [string, Buffer])[] = [
  ['no zstd', Buffer.from('hello')],
  ['nothing', Buffer.alloc(0)],
  ['too short', zstdCompressSync(Buffer.from('x'))],
  ['a length that lies', zstdCompressSync(Buffer.alloc(64, 0xff))],
  ['no JSON', packed('{')],
  ['null', packed('null')],
  ['another object', packed('{"readings":{},"problems":[]}')],
  ['an index of another version', packed('{"readings":[],"problems":[]}')],
];

for (const [name, body] of strangers) {
  test(`ScanCache takes an entry with ${name} for a miss`, async () => {
    using folder = temporaryDirectory();
    const cache = cacheIn(folder.path);
    await cache.putLayer(layer, analysis());
    replace(join(folder.path, 'layers'), body);
    assert.equal(await cache.layer(layer), undefined);
    await cache.putInventory([layer], '', { packages: [], problems: [] });
    replace(join(folder.path, 'inventories'), body);
    assert.equal(await cache.inventory([layer], ''), undefined);
  });
}
