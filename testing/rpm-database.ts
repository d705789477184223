import { Buffer } from 'node:buffer';

/** One tag of a header: its number and value; the value's shape decides the type unless one is stated. */
export interface HeaderTag {
  readonly tag: number;
  readonly value: string | readonly string[] | readonly number[] | Buffer;
  /** 9 makes strings translations, 3 makes integers 16 bits wide. */
  readonly type?: number;
}

/**
 * Encodes a package header as rpm keeps it in its databases.
 *
 * @param region puts `tags` into an immutable region, as every rpm since 4 does
 * @param dribbles tags that follow the region
 */
export function encodeRpmHeader(
  tags: readonly HeaderTag[],
  region = false,
  dribbles: readonly HeaderTag[] = [],
): Buffer {
  const data: Buffer[] = [];
  let length = 0;
  function append(bytes: Buffer, alignment: number): number {
    const padding = (alignment - (length % alignment)) % alignment;
    data.push(Buffer.alloc(padding), bytes);
    const offset = length + padding;
    length = offset + bytes.length;
    return offset;
  }
  const encode = (tag: HeaderTag): Buffer => {
    const { type, count, bytes } = encodeValue(tag);
    return words(tag.tag, type, append(bytes, type === 4 ? 4 : type === 3 ? 2 : 1), count);
  };
  const index = tags.map(encode);
  if (region) {
    const size = (tags.length + 1) * 16;
    const trailer = append(words(63, 7, 0x1_0000_0000 - size, 16), 1);
    index.unshift(words(63, 7, trailer, 16));
  }
  index.push(...dribbles.map(encode));
  return Buffer.concat([words(index.length, length), ...index, ...data]);
}

function encodeValue({ value, type }: HeaderTag): { type: number; count: number; bytes: Buffer } {
  if (Buffer.isBuffer(value)) return { type: type ?? 7, count: value.length, bytes: value };
  if (typeof value === 'string') return { type: type ?? 6, count: 1, bytes: Buffer.from(`${value}\0`) };
  if (value.length > 0 && typeof value[0] === 'string') {
    return { type: type ?? 8, count: value.length, bytes: Buffer.from(value.map((text) => `${text}\0`).join('')) };
  }
  const numbers = value as readonly number[];
  const bytes = type === 3 ? Buffer.alloc(numbers.length * 2) : words(...numbers);
  if (type === 3) for (const [at, number] of numbers.entries()) bytes.writeUInt16BE(number, at * 2);
  return { type: type ?? 4, count: numbers.length, bytes };
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

/** Lays header blobs out as an NDB `Packages.db` with one slot page. */
export function encodeNdb(blobs: readonly Buffer[]): Buffer {
  const slots = Buffer.alloc(4096);
  slots.write('RpmP', 0, 'latin1');
  slots.writeUInt32LE(1, 12);
  for (let slot = 32; slot < 4096; slot += 16) slots.write('Slot', slot, 'latin1');
  const parts = [slots];
  let block = 4096 / 16;
  for (const [index, blob] of blobs.entries()) {
    const number = index + 1;
    const blocks = Math.ceil((16 + blob.length + 12) / 16);
    const bytes = Buffer.alloc(blocks * 16);
    bytes.write('BlbS', 0, 'latin1');
    bytes.writeUInt32LE(number, 4);
    bytes.writeUInt32LE(1, 8);
    bytes.writeUInt32LE(blob.length, 12);
    blob.copy(bytes, 16);
    const tail = bytes.length - 12;
    bytes.writeUInt32LE(adler32(bytes.subarray(0, tail)), tail);
    bytes.writeUInt32LE(blob.length, tail + 4);
    bytes.write('BlbE', tail + 8, 'latin1');
    // Every second slot stays free, as after removals.
    const slot = 32 + index * 32;
    slots.writeUInt32LE(number, slot + 4);
    slots.writeUInt32LE(block, slot + 8);
    slots.writeUInt32LE(blocks, slot + 12);
    parts.push(bytes);
    block += blocks;
  }
  return Buffer.concat(parts);
}

function adler32(bytes: Buffer): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

/** How {@link encodeBdbHash} writes. */
interface BdbOptions {
  readonly bigEndian?: boolean;
  readonly pageSize?: number;
  /** 13 sorted, 2 unsorted as of RHEL 5. */
  readonly pageType?: 2 | 13;
}

/**
 * Lays header blobs out as a Berkeley DB hash file with one pair per hash page, rpm's counter first. Blobs above a
 * quarter of a page go to overflow pages, as Berkeley DB does.
 */
export function encodeBdbHash(blobs: readonly Buffer[], options: BdbOptions = {}): Buffer {
  const { bigEndian = false, pageSize = 4096, pageType = 13 } = options;
  const pages: Buffer[] = [Buffer.alloc(pageSize)];
  const u32 = (page: Buffer, value: number, at: number): number =>
    bigEndian ? page.writeUInt32BE(value, at) : page.writeUInt32LE(value, at);
  const u16 = (page: Buffer, value: number, at: number): number =>
    bigEndian ? page.writeUInt16BE(value, at) : page.writeUInt16LE(value, at);
  function addPage(type: number): Buffer {
    const page = Buffer.alloc(pageSize);
    u32(page, pages.length, 8);
    page[25] = type;
    pages.push(page);
    return page;
  }
  function addPair(key: number, value: Buffer): void {
    const page = addPage(pageType);
    const keyItem = Buffer.from([1, 0, 0, 0, 0]);
    u32(keyItem, key, 1);
    u16(page, 2, 20);
    u16(page, pageSize - 5, 26);
    u16(page, pageSize - 5 - value.length, 28);
    keyItem.copy(page, pageSize - 5);
    value.copy(page, pageSize - 5 - value.length);
  }
  addPair(0, Buffer.from([1, 9, 0, 0, 0]));
  for (const [index, blob] of blobs.entries()) {
    if (blob.length <= pageSize / 4) {
      addPair(index + 1, Buffer.concat([Buffer.from([1]), blob]));
      continue;
    }
    const item = Buffer.alloc(12);
    item[0] = 3;
    u32(item, pages.length + 1, 4);
    u32(item, blob.length, 8);
    addPair(index + 1, item);
    const room = pageSize - 26;
    for (let at = 0; at < blob.length; at += room) {
      const page = addPage(7);
      const used = blob.copy(page, 26, at, at + room);
      u16(page, used, 22);
      if (at + room < blob.length) u32(page, pages.length, 16);
    }
  }
  const meta = pages[0] as Buffer;
  u32(meta, 0x0006_1561, 12);
  u32(meta, 9, 16);
  u32(meta, pageSize, 20);
  meta[25] = 8;
  u32(meta, pages.length - 1, 32);
  return Buffer.concat(pages);
}
