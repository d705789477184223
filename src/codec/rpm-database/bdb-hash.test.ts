import assert from 'node:assert/strict';
import test from 'node:test';
import { readAll } from '../../../testing/read-rpm-database.ts';
import { encodeBdbHash } from '../../../testing/rpm-database.ts';
import { readRpmDatabase } from './read.ts';

const blobs = [Buffer.alloc(40, 1), Buffer.alloc(9000, 2), Buffer.alloc(1500, 3)];

test('readRpmDatabase() reads Berkeley DB hash files of both byte orders, all page sizes and both page types', () => {
  for (const bigEndian of [false, true]) {
    for (const pageSize of [512, 4096, 32_768, 65_536]) {
      for (const pageType of [2, 13] as const) {
        const bytes = encodeBdbHash(blobs, { bigEndian, pageSize, pageType });
        assert.deepEqual([...readRpmDatabase(bytes)], blobs, `${bigEndian} ${pageSize} ${pageType}`);
      }
    }
  }
});

// Pages of the file below: 0 metadata, 1 counter, 2 inline, 3 pair, 4 to 6 overflow, 7 pair, 8 overflow.
const at = (page: number, offset: number): number => page * 4096 + offset;

test('readRpmDatabase() gives what a Berkeley DB has left and says what is broken', () => {
  const cases: readonly (readonly [string, (bytes: Buffer) => void, number[], string])[] = [
    ['chain that ends early', (bytes) => bytes.writeUInt32LE(0, at(5, 16)), [40, 1500], 'TRUNCATED'],
    ['chain past the end', (bytes) => bytes.writeUInt32LE(999, at(5, 16)), [40, 1500], 'TRUNCATED'],
    ['chain that runs in a circle', (bytes) => bytes.writeUInt32LE(4, at(5, 16)), [40, 1500], 'MALFORMED'],
    ['chain onto a hash page', (bytes) => bytes.writeUInt32LE(2, at(5, 16)), [40, 1500], 'MALFORMED'],
    ['chain onto a free page', (bytes) => bytes.writeUInt8(0, at(6, 25)), [40, 1500], 'MALFORMED'],
    ['two chains that share pages', (bytes) => bytes.writeUInt32LE(4, at(7, 4096 - 13)), [40, 9000], 'MALFORMED'],
    ['overflow longer than its page', (bytes) => bytes.writeUInt16LE(5000, at(4, 22)), [40, 1500], 'MALFORMED'],
    [
      'value larger than rpm allows',
      (bytes) => bytes.writeUInt32LE(0x7fff_ffff, at(3, 4096 - 9)),
      [40, 1500],
      'LIMIT_EXCEEDED',
    ],
    ['unknown kind of item', (bytes) => bytes.writeUInt8(4, at(3, 4096 - 17)), [40, 1500], 'MALFORMED'],
    ['more items than fit', (bytes) => bytes.writeUInt16LE(0xffff, at(3, 20)), [40, 1500], 'MALFORMED'],
    ['offset past the page', (bytes) => bytes.writeUInt16LE(0xfff0, at(3, 26)), [40, 1500], 'MALFORMED'],
    ['items that overlap', (bytes) => bytes.writeUInt16LE(4096 - 5, at(3, 28)), [40, 1500], 'MALFORMED'],
    ['last page past the end', (bytes) => bytes.writeUInt32LE(0xffff_ffff, 32), [40, 9000, 1500], 'TRUNCATED'],
    ['hash page that was wiped', (bytes) => bytes.fill(0, at(3, 0), at(4, 0)), [40, 1500], 'MALFORMED'],
    ['hash page of another place', (bytes) => bytes.copyWithin(at(3, 0), at(2, 0), at(3, 0)), [40, 1500], 'MALFORMED'],
    ['hash page of another kind', (bytes) => bytes.writeUInt8(5, at(2, 25)), [9000, 1500], 'MALFORMED'],
    ['b-tree', (bytes) => bytes.writeUInt8(9, 25), [], 'UNSUPPORTED'],
    ['b-tree by its magic', (bytes) => bytes.writeUInt32LE(0x0005_3162, 12), [], 'UNSUPPORTED'],
    ['encrypted', (bytes) => bytes.writeUInt8(1, 24), [], 'UNSUPPORTED'],
    ['checksummed', (bytes) => bytes.writeUInt8(1, 26), [], 'UNSUPPORTED'],
    ['page size of no power of two', (bytes) => bytes.writeUInt32LE(4095, 20), [], 'MALFORMED'],
    ['page size of zero', (bytes) => bytes.writeUInt32LE(0, 20), [], 'MALFORMED'],
  ];
  for (const [title, damage, given, code] of cases) {
    const bytes = encodeBdbHash(blobs);
    damage(bytes);
    assert.deepEqual(readAll(bytes), { given, code }, title);
  }
});

test('readRpmDatabase() counts the damaged places of a Berkeley DB', () => {
  const bytes = encodeBdbHash(blobs);
  bytes.writeUInt8(0, at(6, 25));
  bytes.writeUInt8(0, at(8, 25));
  assert.throws(() => [...readRpmDatabase(bytes)], /contradicts itself.*and 1 more damaged/);
});

test('readRpmDatabase() refuses a Berkeley DB that ends in its first page', () => {
  assert.deepEqual(readAll(encodeBdbHash(blobs).subarray(0, 100)), { given: [], code: 'TRUNCATED' });
});
