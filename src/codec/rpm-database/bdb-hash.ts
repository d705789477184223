import { CodecError } from '../error.ts';
import type { Damage } from './damage.ts';
import { rpmDatabaseLimits } from './limits.ts';
import { watchPages } from './visited-pages.ts';
import type { VisitedPages } from './visited-pages.ts';

const hashMagic = 0x0006_1561;
const btreeMagic = 0x0005_3162;
const pageHeaderLength = 26;

/** Page types (Berkeley DB, src/dbinc/db_page.h). A page that was freed, or never written, has none. */
const freePage = 0;
const unsortedHashPage = 2;
const overflowPage = 7;
const hashMetadata = 8;
const sortedHashPage = 13;

/** Kinds of an item on a hash page. */
const inlineItem = 1;
const offPageItem = 3;

/** The words of a database, in the byte order of the machine that wrote it. */
interface BdbFile {
  readonly bytes: Buffer;
  readonly pageSize: number;
  u16(offset: number): number;
  u32(offset: number): number;
}

/** True for the first bytes of a Berkeley DB file, of either byte order. */
export function isBdb(bytes: Buffer): boolean {
  if (bytes.length < 16) return false;
  return [bytes.readUInt32LE(12), bytes.readUInt32BE(12)].some((word) => word === hashMagic || word === btreeMagic);
}

/**
 * Reads the headers of a Berkeley DB hash file, `Packages` of rpm before 4.16.
 *
 * Every page is visited in file order rather than bucket by bucket: the result is the same, and no bucket table needs
 * to be trusted. Package 0 is rpm's counter, not a header. Whoever frees an overflow page marks it so: one that no chain
 * runs through had its beginning on a page that is lost.
 *
 * @throws CodecError when the file as a whole cannot be read
 */
export function* readBdbHeaders(bytes: Buffer, damage: Damage): Generator<Buffer, void, undefined> {
  const file = openFile(bytes);
  const { pageSize } = file;
  const visited = watchPages();
  const present = Math.floor(bytes.length / pageSize) - 1;
  const last = file.u32(32);
  if (last > present) {
    damage.note(new CodecError('TRUNCATED', 'The package database is shorter than it states; copy the file again.'));
  }
  const pages = Math.min(last, present);
  for (let page = 1; page <= pages; page += 1) {
    const kind = bytes[page * pageSize + 25];
    if (kind !== freePage && file.u32(page * pageSize + 8) !== page) {
      damage.note(brokenPage());
      continue;
    }
    if (kind === freePage || kind === overflowPage) continue;
    if (kind !== sortedHashPage && kind !== unsortedHashPage) {
      damage.note(brokenPage());
      continue;
    }
    // Claimed here so that no overflow chain can run through it.
    if (damage.guard(() => (visited.claim(page), true)) === undefined) continue;
    yield* readHashPage(file, page, visited, damage);
  }
  if (damage.isFound()) return;
  for (let page = 1; page <= pages; page += 1) {
    if (bytes[page * pageSize + 25] === overflowPage && !visited.has(page)) {
      damage.note(
        new CodecError('MALFORMED', 'Pages of the package database belong to no package; rebuild the database.'),
      );
      return;
    }
  }
}

function openFile(bytes: Buffer): BdbFile {
  if (bytes.length < 512) {
    throw new CodecError('TRUNCATED', 'The package database ends within its first page; copy the file again.');
  }
  const swapped = bytes.readUInt32BE(12) === hashMagic || bytes.readUInt32BE(12) === btreeMagic;
  const u16 = swapped ? (offset: number) => bytes.readUInt16BE(offset) : (offset: number) => bytes.readUInt16LE(offset);
  const u32 = swapped ? (offset: number) => bytes.readUInt32BE(offset) : (offset: number) => bytes.readUInt32LE(offset);
  if (u32(12) === btreeMagic || bytes[25] !== hashMetadata) {
    throw new CodecError(
      'UNSUPPORTED',
      'The package database is a Berkeley DB of another kind than the hash that rpm keeps packages in.',
    );
  }
  if (bytes[24] !== 0 || ((bytes[26] as number) & 1) !== 0) {
    throw new CodecError('UNSUPPORTED', 'The package database is encrypted or checksummed, which rpm never does.');
  }
  const pageSize = u32(20);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    throw new CodecError('MALFORMED', 'The package database states an impossible page size; copy the file again.');
  }
  return { bytes, pageSize, u16, u32 };
}

/** Items alternate between key and value; each lies between its offset and the one before it. */
function* readHashPage(
  file: BdbFile,
  page: number,
  visited: VisitedPages,
  damage: Damage,
): Generator<Buffer, void, undefined> {
  const { bytes, pageSize } = file;
  const start = page * pageSize;
  const count = file.u16(start + 20);
  const indexEnd = pageHeaderLength + count * 2;
  if (indexEnd > pageSize) {
    damage.note(brokenPage());
    return;
  }
  let previous = pageSize;
  let isCounter = false;
  for (let index = 0; index < count; index += 1) {
    const offset = file.u16(start + pageHeaderLength + index * 2);
    // Offsets go down from item to item, so items cannot overlap and the work stays within the page.
    if (offset < indexEnd || offset >= previous) {
      damage.note(brokenPage());
      return;
    }
    const item = bytes.subarray(start + offset, start + previous);
    previous = offset;
    if (index % 2 === 0) {
      isCounter = item.length === 5 && item[0] === inlineItem && item.readUInt32LE(1) === 0;
      continue;
    }
    if (isCounter) continue;
    if (item[0] === inlineItem) {
      yield item.subarray(1);
    } else if (item[0] === offPageItem && item.length >= 12) {
      const at = start + offset;
      const blob = damage.guard(() => readOverflow(file, file.u32(at + 4), file.u32(at + 8), visited));
      if (blob !== undefined) yield blob;
    } else {
      damage.note(brokenPage());
    }
  }
}

/** Follows a chain of overflow pages; each states its next page at 16 and its own length at 22. */
function readOverflow(file: BdbFile, first: number, length: number, visited: VisitedPages): Buffer {
  const { bytes, pageSize } = file;
  if (length > rpmDatabaseLimits.headerBytes) {
    throw new CodecError('LIMIT_EXCEEDED', 'A package of the database is larger than rpm allows.');
  }
  const parts: Buffer[] = [];
  let rest = length;
  for (let page = first; rest > 0;) {
    const start = page * pageSize;
    if (page === 0 || start + pageSize > bytes.length) {
      throw new CodecError('TRUNCATED', 'A package of the database lies past the end of the file; copy it again.');
    }
    visited.claim(page);
    const used = file.u16(start + 22);
    if (bytes[start + 25] !== overflowPage || used > pageSize - pageHeaderLength || used > rest) throw brokenPage();
    parts.push(bytes.subarray(start + pageHeaderLength, start + pageHeaderLength + used));
    rest -= used;
    page = file.u32(start + 16);
  }
  return Buffer.concat(parts, length);
}

function brokenPage(): CodecError {
  return new CodecError('MALFORMED', 'A page of the package database contradicts itself; rebuild the database.');
}
