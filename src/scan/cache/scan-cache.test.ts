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
import { ScanCache } from './scan-cache.ts';

const diffId = sha256(Buffer.from('layer'));

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
  await cache.putLayer(diffId, analysis());
  await cache.putInventory([diffId, diffId], 'v', inventory);
  await cache.trim();
  assert.deepEqual(await cacheIn(folder.path).layer(diffId), analysis());
  assert.deepEqual(await cacheIn(folder.path).inventory([diffId, diffId], 'v'), inventory);
  assert.equal(await cacheIn(folder.path, 'two').layer(diffId), undefined);
  assert.equal(await cacheIn(folder.path).inventory([diffId], 'v'), undefined);
  assert.equal(await cacheIn(folder.path).inventory([diffId, diffId], 'w'), undefined);
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
    await cache.putLayer(diffId, analysis());
    replace(join(folder.path, 'layers'), body);
    assert.equal(await cache.layer(diffId), undefined);
    await cache.putInventory([diffId], '', { packages: [], problems: [] });
    replace(join(folder.path, 'inventories'), body);
    assert.equal(await cache.inventory([diffId], ''), undefined);
  });
}
