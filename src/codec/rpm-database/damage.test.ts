import assert from 'node:assert/strict';
import test from 'node:test';
import { CodecError } from '../error.ts';
import { rpmDatabaseLimits } from './limits.ts';
import { readRpmDatabase } from './read.ts';

const pageSize = 65_536;

/** An SQLite file of inner pages, each of which lists the first page as its child as often as a page can. */
function crowdedPages(count: number): Buffer {
  const bytes = Buffer.alloc(pageSize * count);
  bytes.write('SQLite format 3\0', 'latin1');
  bytes.writeUInt16BE(1, 16);
  for (let page = 0; page < count; page += 1) {
    const header = page === 0 ? 100 : 0;
    const start = page * pageSize;
    const children = (pageSize - header - 12 - 4) / 2;
    bytes.writeUInt8(5, start + header);
    bytes.writeUInt16BE(children, start + header + 3);
    bytes.writeUInt32BE(page + 2, start + header + 8);
    for (let child = 0; child < children; child += 1) {
      bytes.writeUInt16BE(pageSize - 4, start + header + 12 + child * 2);
    }
    bytes.writeUInt32BE(1, start + pageSize - 4);
  }
  return bytes;
}

/** An NDB file whose slots all name a package past its end. */
function brokenSlots(pages: number): Buffer {
  const bytes = Buffer.alloc(4096 * pages);
  bytes.write('RpmP', 'latin1');
  bytes.writeUInt32LE(pages, 12);
  for (let slot = 32; slot < bytes.length; slot += 16) {
    bytes.write('Slot', slot, 'latin1');
    bytes.writeUInt32LE(1, slot + 4);
    bytes.writeUInt32LE(0xffff_ffff, slot + 8);
  }
  return bytes;
}

for (const [title, bytes] of [
  ['pages of an SQLite file', crowdedPages(3)],
  ['slots of an NDB file', brokenSlots(250)],
] as const) {
  test(`readRpmDatabase() stops at absurdly many damaged ${title}`, () => {
    assert.throws(
      () => [...readRpmDatabase(bytes)],
      (error) =>
        error instanceof CodecError &&
        error.code === 'LIMIT_EXCEEDED' &&
        error.message.includes(`${rpmDatabaseLimits.damagedPlaces} places`),
    );
  });
}
