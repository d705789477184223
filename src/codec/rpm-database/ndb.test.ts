import assert from 'node:assert/strict';
import test from 'node:test';
import { readAll } from '../../../testing/read-rpm-database.ts';
import { encodeNdb } from '../../../testing/rpm-database.ts';
import { readRpmDatabase } from './read.ts';

const blobs = [Buffer.alloc(5, 1), Buffer.alloc(4, 2), Buffer.alloc(9000, 3)];

test('readRpmDatabase() reads the packages of an NDB file past free slots', () => {
  assert.deepEqual([...readRpmDatabase(encodeNdb(blobs))], blobs);
});

test('readRpmDatabase() gives what an NDB file has left and says what is broken', () => {
  const first = 4096;
  const cases: readonly (readonly [string, (bytes: Buffer) => void, number[], string])[] = [
    ['slot without its magic', (bytes) => bytes.writeUInt8(0, 32), [4, 9000], 'MALFORMED'],
    ['blob of another number', (bytes) => bytes.writeUInt32LE(9, first + 4), [4, 9000], 'MALFORMED'],
    ['blob past the end', (bytes) => bytes.writeUInt32LE(0xffff_ffff, 40), [4, 9000], 'MALFORMED'],
    ['blob longer than its blocks', (bytes) => bytes.writeUInt32LE(400, first + 12), [4, 9000], 'MALFORMED'],
    [
      'blob larger than rpm allows',
      (bytes) => bytes.writeUInt32LE(0x7fff_ffff, first + 12),
      [4, 9000],
      'LIMIT_EXCEEDED',
    ],
    ['wrong checksum', (bytes) => bytes.writeUInt8(9, first + 16), [5, 4, 9000], 'MALFORMED'],
    ['unknown version', (bytes) => bytes.writeUInt32LE(1, 4), [], 'UNSUPPORTED'],
    ['too many slot pages', (bytes) => bytes.writeUInt32LE(2049, 12), [], 'LIMIT_EXCEEDED'],
    ['no slot pages', (bytes) => bytes.writeUInt32LE(0, 12), [], 'LIMIT_EXCEEDED'],
  ];
  for (const [title, damage, given, code] of cases) {
    const bytes = encodeNdb(blobs);
    damage(bytes);
    assert.deepEqual(readAll(bytes), { given, code }, title);
  }
});

test('readRpmDatabase() stops when all slots of an NDB file name one package', () => {
  const bytes = encodeNdb([Buffer.alloc(50_000)]);
  for (let slot = 48; slot < 4096; slot += 16) bytes.copy(bytes, slot, 32, 48);
  assert.deepEqual(readAll(bytes), { given: [50_000], code: 'MALFORMED' });
});

test('readRpmDatabase() reads what a cut NDB file still holds', () => {
  const bytes = encodeNdb(blobs);
  assert.deepEqual(readAll(bytes.subarray(0, 5000)), { given: [5, 4], code: 'MALFORMED' });
  assert.deepEqual(readAll(bytes.subarray(0, 100)), { given: [], code: 'TRUNCATED' });
  assert.deepEqual(readAll(bytes.subarray(0, 20)), { given: [], code: 'TRUNCATED' });
});
