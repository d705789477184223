import { CodecError } from '../error.ts';
import { readVarint } from './sqlite-varint.ts';

/** One column of a record: what kind of value, and where its bytes lie. */
interface SqliteColumn {
  /** Serial type (sqlite.org/fileformat2.html §2.1): even from 12 on is a blob, odd from 13 on a text. */
  readonly serialType: number;
  readonly bytes: Buffer;
}

/** Byte lengths of the serial types 0 to 11. */
const fixedLengths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0] as const;

/**
 * Reads the first `limit` columns of a record.
 *
 * @throws CodecError when the record is cut off or contradicts itself
 */
export function readRecord(record: Buffer, limit: number): SqliteColumn[] {
  const cursor = { offset: 0 };
  const headerLength = readVarint(record, cursor);
  if (headerLength > record.length) throw brokenRecord();
  const columns: SqliteColumn[] = [];
  let start = headerLength;
  while (cursor.offset < headerLength && columns.length < limit) {
    const serialType = readVarint(record, cursor);
    const length = fixedLengths[serialType] ?? Math.floor((serialType - 12) / 2);
    if (start + length > record.length) throw brokenRecord();
    columns.push({ serialType, bytes: record.subarray(start, start + length) });
    start += length;
  }
  return columns;
}

/** The integer in a column, or undefined when it holds something else. */
export function integerOf(column: SqliteColumn | undefined): number | undefined {
  if (column === undefined) return undefined;
  const { serialType, bytes } = column;
  if (serialType === 8 || serialType === 9) return serialType - 8;
  if (serialType < 1 || serialType > 5) return undefined;
  return bytes.readIntBE(0, bytes.length);
}

/** The text in a column, or undefined when it holds something else. */
export function textOf(column: SqliteColumn | undefined): string | undefined {
  if (column === undefined || column.serialType < 13 || column.serialType % 2 === 0) return undefined;
  return column.bytes.toString('utf8');
}

function brokenRecord(): CodecError {
  return new CodecError('MALFORMED', 'A record of the SQLite package database is cut off; rebuild the database.');
}
