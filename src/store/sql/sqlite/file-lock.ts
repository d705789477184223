import { StoreError } from '../../error.ts';
import { SqliteConnection } from './connection.ts';
import { isBusy, sqliteError } from './error.ts';

/**
 * Takes a lock that ends with its process, however that ends: the one that SQLite takes on a database. Several may share it,
 * or one has it alone.
 *
 * @param path a file for nothing else, made when it is not there and is to be had alone
 * @throws StoreError STORE_BUSY at once when others hold it; STORE_UNAVAILABLE
 */
export async function lockFile(path: string, how: 'alone' | 'shared'): Promise<Disposable> {
  let connection: SqliteConnection | undefined;
  try {
    connection = new SqliteConnection(path, how === 'shared');
    connection.execute(how === 'alone' ? 'BEGIN EXCLUSIVE' : 'BEGIN');
    await connection.get('SELECT COUNT(*) AS tables FROM sqlite_schema');
    return connection;
  } catch (error) {
    connection?.[Symbol.dispose]();
    if (!isBusy(error)) throw sqliteError(error, path);
    throw new StoreError('STORE_BUSY', `Another process holds ${path}; wait until it ends`, { cause: error });
  }
}
