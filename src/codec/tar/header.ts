import { CodecError } from '../error.ts';
import { decodeName } from './name.ts';

/** Size of a tar block, in bytes (POSIX pax, "ustar Interchange Format"). */
export const blockSize = 512;

/** What a header block says, before the extension records (PAX, GNU) that may precede it are applied. */
export interface TarHeader {
  /** As stored, with the ustar prefix joined. */
  readonly name: string;
  /** Type flag: `0` file, `1` hard link, `2` symlink, `5` directory, `x`, `g`, `L`, `K`, `S` and so on. */
  readonly type: string;
  /** True when the type flag is the NUL of times before POSIX: a slash at the end of the name then marks a folder. */
  readonly isOldType: boolean;
  /** Permission and set-id bits. */
  readonly mode: number;
  /** Bytes of data that follow, before padding. */
  readonly size: number;
  readonly linkName: string;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
}

/** True when the block at `offset` is all zero: the end-of-archive mark. */
export function isZeroBlock(bytes: Buffer, offset: number): boolean {
  for (let at = offset; at < offset + blockSize; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

/**
 * Reads the header block at `offset`. Names longer than the fields come by extension records, which the caller
 * applies.
 *
 * @returns undefined for an all-zero block
 * @throws CodecError MALFORMED when the checksum or a number is wrong
 */
export function parseTarHeader(bytes: Buffer, offset: number): TarHeader | undefined {
  if (bytes[offset] === 0 && isZeroBlock(bytes, offset)) return undefined;
  checkSum(bytes, offset);
  const type = bytes[offset + 156] === 0 ? '0' : String.fromCharCode(bytes[offset + 156] as number);
  const name = text(bytes, offset, 100);
  const prefix = bytes[offset + 345] === 0 ? '' : prefixOf(bytes, offset);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type,
    isOldType: bytes[offset + 156] === 0,
    mode: number(bytes, offset + 100, 8) & 0o7777,
    size: number(bytes, offset + 124, 12),
    linkName: type === '1' || type === '2' ? text(bytes, offset + 157, 100) : '',
    uid: number(bytes, offset + 108, 8),
    gid: number(bytes, offset + 116, 8),
    mtime: number(bytes, offset + 136, 12),
  };
}

/** What stands before the name. "ustar\0" is POSIX; GNU writes "ustar  " and keeps times there. */
function prefixOf(bytes: Buffer, offset: number): string {
  const magic = bytes.toString('latin1', offset + 257, offset + 265);
  if (magic.startsWith('ustar\0')) return text(bytes, offset + 345, prefixLength(bytes, offset));
  if (magic !== 'ustar  \0') return '';
  // Go once wrote prefixes there, and reads them ever since where a time is no number: so do all runtimes.
  if (isNumber(bytes, offset + 345, 12) && (bytes[offset + 357] === 0 || isNumber(bytes, offset + 357, 12))) return '';
  const prefix = text(bytes, offset + 345, 155);
  return /^[\u0001-\u007f]*$/.test(prefix) ? prefix : '';
}

/** Schilling's tar, which signs at byte 508, keeps times in the last bytes of the prefix. */
function prefixLength(bytes: Buffer, offset: number): number {
  return bytes.toString('latin1', offset + 508, offset + 512) === 'tar\0' ? 131 : 155;
}

/** Where the checksum stands, eight bytes; they count as blanks. */
const sumStart = 148;
const sumEnd = 156;

/** Checks the sum of all bytes; some old writers summed signed ones. */
function checkSum(bytes: Buffer, offset: number): void {
  const blanks = (sumEnd - sumStart) * 0x20;
  const stored = number(bytes, offset + sumStart, sumEnd - sumStart);
  const sum = blanks + sumOf(bytes, offset, offset + sumStart) + sumOf(bytes, offset + sumEnd, offset + blockSize);
  if (stored === sum) return;
  let high = 0;
  for (let at = offset; at < offset + blockSize; at += 1) {
    if (at < offset + sumStart || at >= offset + sumEnd) high += (bytes[at] as number) >> 7;
  }
  if (stored !== sum - 256 * high) {
    throw new CodecError('MALFORMED', 'A tar header has a wrong checksum; the archive is damaged or not a tar');
  }
}

/** Sums bytes, four at a time: their number is a multiple of four. This is the hottest loop over small files. */
function sumOf(bytes: Buffer, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at += 4) {
    sum += (bytes[at] as number) + (bytes[at + 1] as number) + (bytes[at + 2] as number) + (bytes[at + 3] as number);
  }
  return sum;
}

/** Text up to the first NUL. */
function text(bytes: Buffer, start: number, length: number): string {
  let end = start;
  let ascii = true;
  while (end < start + length && bytes[end] !== 0) {
    if ((bytes[end] as number) >= 0x80) ascii = false;
    end += 1;
  }
  return ascii ? bytes.toString('latin1', start, end) : decodeName(bytes.subarray(start, end));
}

/**
 * Octal digits between blanks or NULs, or GNU's base-256 when the first bit is set (sizes of 8 GiB and more). What
 * stands behind a NUL is not looked at. Stricter than that would refuse, and laxer misread, what runtimes unpack.
 */
function number(bytes: Buffer, start: number, length: number): number {
  const first = bytes[start] as number;
  if (first & 0x80) return base256(bytes, start, length);
  let value = 0;
  let at = start;
  const end = start + length;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0)) at += 1;
  for (; at < end; at += 1) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  while (at < end && bytes[at] === 0x20) at += 1;
  if (at < end && bytes[at] !== 0) {
    throw new CodecError('MALFORMED', 'A tar header has a number that is not octal; the archive is damaged');
  }
  return value;
}

/** Whether Go reads the field as a number of 64 bits (`parseNumeric` of `archive/tar`). */
function isNumber(bytes: Buffer, start: number, length: number): boolean {
  const field = bytes.subarray(start, start + length);
  const first = field[0] as number;
  if (first & 0x80) {
    // Of the first bit and the sign nothing is left; the sign's own value is what the bytes before the last eight must have.
    const sign = first & 0x40 ? 0xff : 0;
    const high = [(first ^ sign) & 0x7f, ...field.subarray(1, length - 8).map((byte) => byte ^ sign)];
    return high.every((byte) => byte === 0) && ((field[length - 8] as number) ^ sign) < 0x80;
  }
  return /^[ \0]*(?:[0-7]+(?:\0.*|[ \0]*))?$/s.test(field.toString('latin1'));
}

function base256(bytes: Buffer, start: number, length: number): number {
  const negative = ((bytes[start] as number) & 0x40) !== 0;
  let value = negative ? -1 : (bytes[start] as number) & 0x3f;
  // For negative numbers the remaining bits count from -1: two's complement.
  if (negative) value = ((bytes[start] as number) & 0x3f) - 0x40;
  for (let at = start + 1; at < start + length; at += 1) value = value * 256 + (bytes[at] as number);
  if (!Number.isSafeInteger(value)) {
    throw new CodecError('MALFORMED', 'A tar header has a number beyond 2^53; the archive is damaged');
  }
  return value;
}
