import { CodecError } from '../error.ts';
import { readWal } from './sqlite-wal.ts';

/** The pages of an SQLite database, the write-ahead log laid over the file. */
export interface SqlitePages {
  /** Bytes of a page that hold content: its size less the reserved ones at its end. */
  readonly usableSize: number;
  /**
   * The bytes of a page, not copied.
   *
   * @throws CodecError TRUNCATED when neither file holds it
   */
  page(number: number): Buffer;
}

const magic = 'SQLite format 3\0';

/** True for the first bytes of an SQLite database. */
export function isSqlite(bytes: Buffer): boolean {
  return bytes.length >= magic.length && bytes.toString('latin1', 0, magic.length) === magic;
}

/**
 * Lays out a database's pages (sqlite.org/fileformat2.html §1.3). A log whose page size differs belongs to another
 * database, and SQLite would not use it either.
 *
 * @throws CodecError for a header that no SQLite reads, or one that needs what this reader lacks
 */
export function openSqlitePages(bytes: Buffer, wal: Buffer | undefined): SqlitePages {
  if (bytes.length < 100) {
    throw new CodecError('TRUNCATED', 'The SQLite package database ends within its header; copy the file again.');
  }
  const stored = bytes.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  const usableSize = pageSize - bytes.readUInt8(20);
  // 480 is the least that the format allows (§1.3.4).
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || usableSize < 480) {
    throw new CodecError('MALFORMED', 'The SQLite package database states an impossible page size; copy it again.');
  }
  const log = wal === undefined ? undefined : readWal(wal);
  const overlay = log?.pageSize === pageSize ? log : undefined;
  const pages: SqlitePages = {
    usableSize,
    page: (number) => {
      const inLog = overlay?.offsets.get(number);
      if (wal !== undefined && inLog !== undefined) return wal.subarray(inLog, inLog + pageSize);
      const start = (number - 1) * pageSize;
      if (number < 1 || start + pageSize > bytes.length) {
        throw new CodecError('TRUNCATED', `Page ${number} of the SQLite package database is missing; copy it again.`);
      }
      return bytes.subarray(start, start + pageSize);
    },
  };
  const first = pages.page(1);
  if (first.readUInt8(19) > 2 || first.readUInt32BE(56) > 1) {
    throw new CodecError('UNSUPPORTED', 'The SQLite package database is of a form that rpm never writes.');
  }
  return pages;
}
