import { CodecError } from '../error.ts';
import { isBdb, readBdbHeaders } from './bdb-hash.ts';
import { collectDamage } from './damage.ts';
import { isNdb, readNdbHeaders } from './ndb.ts';
import { readSqliteHeaders } from './sqlite.ts';
import { isSqlite } from './sqlite-pages.ts';

/**
 * Gives the header blob of every package in an rpm database: SQLite, NDB or Berkeley DB hash, told apart by their
 * first bytes, since each occurs under names of the others.
 *
 * A blob is a view of `bytes` where it can be, so it is valid as long as they are. Damaged entries are passed over;
 * when there were any, the iteration ends by throwing after everything readable was given.
 *
 * @param wal the `-wal` file beside an SQLite database; its committed pages count
 * @throws CodecError while iterating: at once when the file as a whole cannot be read, at the end for damaged entries
 */
export function* readRpmDatabase(bytes: Buffer, wal?: Buffer): Generator<Buffer, void, undefined> {
  const damage = collectDamage();
  if (isSqlite(bytes)) yield* readSqliteHeaders(bytes, wal, damage);
  else if (isNdb(bytes)) yield* readNdbHeaders(bytes, damage);
  else if (isBdb(bytes)) yield* readBdbHeaders(bytes, damage);
  else throw new CodecError('UNSUPPORTED', 'The file is no rpm database: neither SQLite, NDB nor Berkeley DB.');
  damage.settle();
}
