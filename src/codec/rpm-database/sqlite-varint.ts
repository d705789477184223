import { CodecError } from '../error.ts';

/** A place in a buffer that readers move forward. */
interface Cursor {
  offset: number;
}

/**
 * Reads a variable-length integer (sqlite.org/fileformat2.html §1.6) and moves the cursor behind it.
 *
 * Values past 2^53 lose precision; every use compares them with a limit far below.
 *
 * @throws CodecError TRUNCATED when the bytes end within it
 */
export function readVarint(bytes: Buffer, cursor: Cursor): number {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[cursor.offset];
    if (byte === undefined) {
      throw new CodecError('TRUNCATED', 'A number in the SQLite package database is cut off; copy the file again.');
    }
    cursor.offset += 1;
    if (index === 8) return value * 256 + byte;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return value;
  }
  return value;
}
