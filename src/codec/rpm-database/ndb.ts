import { CodecError } from '../error.ts';
import type { Damage } from './damage.ts';
import { rpmDatabaseLimits } from './limits.ts';

/** `RpmP`, `Slot` and `BlbS`. */
const fileMagic = 0x5270_6d50;
const slotMagic = 0x536c_6f74;
const blobMagic = 0x426c_6253;
const pageSize = 4096;
const slotSize = 16;
const blockSize = 16;
const headLength = 16;
const tailLength = 12;

/** True for the first bytes of an NDB `Packages.db`. */
export function isNdb(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === fileMagic;
}

/**
 * Reads the headers of an NDB database (rpm, lib/backend/ndb/rpmpkg.c).
 *
 * The file starts with slot pages; a slot names a package's number and its first 16-byte block. The blob there is
 * framed by a head (magic, number, generation, length) and, at the end of its blocks, a tail (Adler-32 of everything
 * before it, length, magic). A package whose checksum is wrong is noted as damaged and given all the same: what it
 * says may still be right, and leaving it out would hide it.
 *
 * @throws CodecError when the file as a whole cannot be read
 */
export function* readNdbHeaders(bytes: Buffer, damage: Damage): Generator<Buffer, void, undefined> {
  if (bytes.length < 2 * slotSize) {
    throw new CodecError('TRUNCATED', 'The NDB package database ends within its header; copy the file again.');
  }
  if (bytes.readUInt32LE(4) !== 0) {
    throw new CodecError('UNSUPPORTED', 'The NDB package database is of a version that is not known.');
  }
  const slotPages = bytes.readUInt32LE(12);
  if (slotPages === 0 || slotPages > rpmDatabaseLimits.slotPages) {
    throw new CodecError('LIMIT_EXCEEDED', 'The NDB package database states an impossible number of slot pages.');
  }
  const end = Math.min(slotPages * pageSize, bytes.length);
  if (end < slotPages * pageSize) {
    damage.note(new CodecError('TRUNCATED', 'The NDB package database ends within its slots; copy the file again.'));
  }
  // Sound blobs do not overlap, so all together are smaller than the file; more would be work without end.
  let budget = bytes.length;
  for (let slot = 2 * slotSize; slot + slotSize <= end; slot += slotSize) {
    const blob = damage.guard(() => readSlot(bytes, slot));
    if (blob === undefined) continue;
    budget -= blob.tail - blob.start;
    if (budget < 0) throw new CodecError('MALFORMED', 'Packages of the NDB database overlap; rebuild the database.');
    if (adler32(bytes, blob.start, blob.tail) !== bytes.readUInt32LE(blob.tail)) {
      damage.note(new CodecError('MALFORMED', 'The checksum of a package of the NDB database is wrong.'));
    }
    yield bytes.subarray(blob.start + headLength, blob.end);
  }
}

/** Where a blob lies: its head, the end of its content, and its tail. */
interface BlobRange {
  readonly start: number;
  readonly end: number;
  readonly tail: number;
}

function readSlot(bytes: Buffer, slot: number): BlobRange | undefined {
  if (bytes.readUInt32BE(slot) !== slotMagic) throw brokenPackage();
  const number = bytes.readUInt32LE(slot + 4);
  if (number === 0) return undefined;
  const start = bytes.readUInt32LE(slot + 8) * blockSize;
  if (start + headLength > bytes.length) throw brokenPackage();
  if (bytes.readUInt32BE(start) !== blobMagic || bytes.readUInt32LE(start + 4) !== number) throw brokenPackage();
  const length = bytes.readUInt32LE(start + 12);
  if (length > rpmDatabaseLimits.headerBytes) {
    throw new CodecError('LIMIT_EXCEEDED', 'A package of the NDB database is larger than rpm allows.');
  }
  const tail = start + bytes.readUInt32LE(slot + 12) * blockSize - tailLength;
  const end = start + headLength + length;
  if (tail < end || tail + tailLength > bytes.length) throw brokenPackage();
  return { start, end, tail };
}

/** RFC 1950 §9. The sums are reduced every 5552 bytes, the most that cannot pass 32 bits. */
function adler32(bytes: Buffer, start: number, end: number): number {
  let low = 1;
  let high = 0;
  for (let offset = start; offset < end;) {
    const stop = Math.min(offset + 5552, end);
    for (; offset < stop; offset += 1) {
      low += bytes[offset] as number;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return ((high << 16) | low) >>> 0;
}

function brokenPackage(): CodecError {
  return new CodecError('MALFORMED', 'A package of the NDB database is not where its slot says; rebuild the database.');
}
