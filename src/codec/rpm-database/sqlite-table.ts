import { CodecError } from '../error.ts';
import type { Damage } from './damage.ts';
import { rpmDatabaseLimits } from './limits.ts';
import type { SqlitePages } from './sqlite-pages.ts';
import { readVarint } from './sqlite-varint.ts';
import type { VisitedPages } from './visited-pages.ts';

const leafTable = 0x0d;
const interiorTable = 0x05;

/**
 * Walks a table b-tree in row order and gives each row's record (sqlite.org/fileformat2.html §1.6).
 *
 * A record that lies on one page is not copied. Damage is noted and passed over.
 */
export function* readTable(
  pages: SqlitePages,
  root: number,
  visited: VisitedPages,
  damage: Damage,
): Generator<Buffer, void, undefined> {
  const stack = [root];
  for (let number = stack.pop(); number !== undefined; number = stack.pop()) {
    const pageNumber = number;
    const page = damage.guard(() => {
      visited.claim(pageNumber);
      return pages.page(pageNumber);
    });
    if (page === undefined) continue;
    // The first page starts with the database header.
    const start = pageNumber === 1 ? 100 : 0;
    const kind = page.readUInt8(start);
    if (kind === interiorTable) {
      const children = damage.guard(() => childrenOf(page, start, pages.usableSize));
      if (children !== undefined) for (const child of children.reverse()) stack.push(child);
    } else if (kind === leafTable) {
      yield* readLeaf(pages, page, start, visited, damage);
    } else {
      damage.note(brokenPage());
    }
  }
}

function* readLeaf(
  pages: SqlitePages,
  page: Buffer,
  start: number,
  visited: VisitedPages,
  damage: Damage,
): Generator<Buffer, void, undefined> {
  const cells = damage.guard(() => cellsOf(page, start, 8, pages.usableSize)) ?? [];
  // Sound cells do not overlap; those of a hostile page could all be one and the same.
  let room = pages.usableSize;
  for (const cell of cells) {
    const read = damage.guard(() => readLeafCell(pages, page, cell, visited));
    if (read === undefined) continue;
    room -= read.size;
    if (room < 0) {
      damage.note(brokenPage());
      return;
    }
    yield read.record;
  }
}

function childrenOf(page: Buffer, start: number, usableSize: number): number[] {
  const children = cellsOf(page, start, 12, usableSize).map((cell) => {
    if (cell + 4 > usableSize) throw brokenPage();
    return page.readUInt32BE(cell);
  });
  children.push(page.readUInt32BE(start + 8));
  return children;
}

/** The offsets of a page's cells, in key order. */
function cellsOf(page: Buffer, start: number, headerLength: number, usableSize: number): number[] {
  const count = page.readUInt16BE(start + 3);
  const first = start + headerLength;
  if (first + count * 2 > usableSize) throw brokenPage();
  return Array.from({ length: count }, (_, index) => page.readUInt16BE(first + index * 2));
}

/** A row's record, and how many bytes its cell takes on its page. */
interface LeafCell {
  readonly record: Buffer;
  readonly size: number;
}

function readLeafCell(pages: SqlitePages, page: Buffer, cell: number, visited: VisitedPages): LeafCell {
  const { usableSize } = pages;
  const cursor = { offset: cell };
  const length = readVarint(page, cursor);
  readVarint(page, cursor);
  if (length > rpmDatabaseLimits.headerBytes) {
    throw new CodecError('LIMIT_EXCEEDED', 'A row of the SQLite package database is larger than rpm allows.');
  }
  const local = localLength(length, usableSize);
  const end = cursor.offset + local;
  if (end > usableSize) throw brokenPage();
  if (local === length) return { record: page.subarray(cursor.offset, end), size: end - cell };
  if (end + 4 > usableSize) throw brokenPage();

  const parts = [page.subarray(cursor.offset, end)];
  let rest = length - local;
  let next = page.readUInt32BE(end);
  while (rest > 0) {
    visited.claim(next);
    const overflow = pages.page(next);
    const taken = Math.min(rest, usableSize - 4);
    parts.push(overflow.subarray(4, 4 + taken));
    rest -= taken;
    next = overflow.readUInt32BE(0);
  }
  return { record: Buffer.concat(parts, length), size: end + 4 - cell };
}

/** How much of a row stays on its leaf page (§1.6, the rules for X, M and K). */
function localLength(length: number, usableSize: number): number {
  if (length <= usableSize - 35) return length;
  const least = Math.floor(((usableSize - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usableSize - 4));
  return fitting <= usableSize - 35 ? fitting : least;
}

function brokenPage(): CodecError {
  return new CodecError('MALFORMED', 'A page of the SQLite package database is no table page; rebuild the database.');
}
