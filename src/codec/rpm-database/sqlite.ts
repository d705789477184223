import { CodecError } from '../error.ts';
import type { Damage } from './damage.ts';
import { rpmDatabaseLimits } from './limits.ts';
import { openSqlitePages } from './sqlite-pages.ts';
import type { SqlitePages } from './sqlite-pages.ts';
import { integerOf, readRecord, textOf } from './sqlite-record.ts';
import { readTable } from './sqlite-table.ts';
import { watchPages } from './visited-pages.ts';
import type { VisitedPages } from './visited-pages.ts';

/**
 * Reads the headers of an `rpmdb.sqlite`: the column `blob` of `Packages(hnum INTEGER PRIMARY KEY, blob BLOB)`
 * (rpm, lib/backend/sqlite.c).
 *
 * It reads table trees only, straight from the buffer: no SQLite engine meets bytes from outside, and no `-shm` or
 * temporary file is made for a database left in WAL mode.
 *
 * @throws CodecError when the file as a whole cannot be read
 */
export function* readSqliteHeaders(
  bytes: Buffer,
  wal: Buffer | undefined,
  damage: Damage,
): Generator<Buffer, void, undefined> {
  const pages = openSqlitePages(bytes, wal);
  const visited = watchPages();
  const root = findPackagesTable(pages, visited, damage);
  for (const record of readTable(pages, root, visited, damage)) {
    const blob = damage.guard(() => readRecord(record, 2)[1]);
    if (blob === undefined) continue;
    if (blob.serialType >= 12 && blob.serialType % 2 === 0) yield blob.bytes;
    else damage.note(new CodecError('MALFORMED', 'A row of the SQLite package database holds no header.'));
  }
}

/** Looks up where the table starts in `sqlite_schema(type, name, tbl_name, rootpage, sql)`, the tree at page 1. */
function findPackagesTable(pages: SqlitePages, visited: VisitedPages, damage: Damage): number {
  let entries = 0;
  for (const record of readTable(pages, 1, visited, damage)) {
    entries += 1;
    if (entries > rpmDatabaseLimits.schemaEntries) break;
    const columns = damage.guard(() => readRecord(record, 4)) ?? [];
    if (textOf(columns[0]) !== 'table' || textOf(columns[1])?.toLowerCase() !== 'packages') continue;
    const root = integerOf(columns[3]);
    if (root !== undefined && root > 1) return root;
  }
  throw new CodecError('MALFORMED', 'The SQLite file has no table "Packages"; it is no rpm database.');
}
