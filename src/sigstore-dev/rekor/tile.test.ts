import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { RefusedError } from '../error.ts';
import { hashLeaf, MerkleTree } from './merkle-tree.ts';
import { entryTile, hashTile, parseTileName } from './tile.ts';

test('parseTileName() reads the names of C2SP tlog-tiles', () => {
  for (const [path, level, index, width] of [
    ['0/000', 0, 0, 256],
    ['0/000.p/1', 0, 0, 1],
    ['1/x001/234', 1, 1234, 256],
    ['3/x012/x345/067.p/255', 3, 12_345_067, 255],
    ['entries/x001/000', 'entries', 1000, 256],
  ] as const) {
    assert.deepEqual(parseTileName(path), { level, index, width }, path);
  }
  for (const path of [
    '',
    '0',
    '0/0',
    '0/x000/001',
    '64/000',
    '0/000.p/0',
    '0/000.p/256',
    '0/000.p/999',
    '0/000/',
    'x/000',
    '0/../000',
    'entries/000.p/01',
  ]) {
    assert.throws(() => parseTileName(path), RefusedError, path);
  }
});

test('tiles hold the hashes and entries of their place', () => {
  const entries = Array.from({ length: 300 }, (_, index) => Buffer.from(`entry ${index}`));
  const tree = new MerkleTree();
  for (const entry of entries) tree.append(hashLeaf(entry));
  const full = hashTile(tree, { level: 0, index: 0, width: 256 });
  assert.equal(full.length, 256 * 32);
  assert.deepEqual(full.subarray(32, 64), hashLeaf(entries[1] as Buffer));
  assert.deepEqual(hashTile(tree, { level: 1, index: 0, width: 1 }), tree.root(256));
  const partial = hashTile(tree, { level: 0, index: 1, width: 44 });
  assert.deepEqual(partial.subarray(-32), hashLeaf(entries[299] as Buffer));
  assert.throws(() => hashTile(tree, { level: 0, index: 1, width: 45 }), RefusedError);
  assert.throws(() => hashTile(tree, { level: 0, index: 1, width: 256 }), RefusedError);
  const bundle = entryTile(entries, { level: 'entries', index: 1, width: 2 });
  assert.deepEqual(bundle, Buffer.from('\0\u0009entry 256\0\u0009entry 257', 'latin1'));
  assert.throws(() => entryTile(entries, { level: 'entries', index: 2, width: 1 }), RefusedError);
  assert.equal(createHash('sha256').update('\0entry 0').digest('hex'), full.subarray(0, 32).toString('hex'));
});
