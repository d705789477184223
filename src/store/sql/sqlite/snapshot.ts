import { open, rm } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../error.ts';
import type { SqlQueries } from '../database.ts';
import { SqliteConnection } from './connection.ts';
import { sqliteError } from './error.ts';
import { sqliteLimits } from './limits.ts';

/**
 * Copies a database as it is at one moment, while any process writes to it, with SQLite's online backup. The copy is one file, on
 * the disk when this returns, and has no log of its own, so that it can be read where nothing can be written.
 *
 * In one step, under one read of the log: with several, each write of another process in between would begin it anew.
 *
 * @param target a file that is not there yet; what a failure leaves is removed
 * @throws StoreError STORE_UNAVAILABLE, STORE_FULL, STORE_DAMAGED when pages of the database are
 */
export async function copySqliteDatabase(path: string, target: string): Promise<void> {
  try {
    const source = new DatabaseSync(path, { timeout: sqliteLimits.busyTime });
    try {
      await backup(source, target, { rate: 0x7f_ff_ff_ff });
    } finally {
      source.close();
    }
    finish(path, target);
    await using file = await open(target, 'r+');
    await file.sync();
  } catch (error) {
    for (const end of ['', '-wal', '-shm', '-journal']) await rm(`${target}${end}`, { force: true });
    throw sqliteError(error, path);
  }
}

/** A copy that nobody writes to, for reading alone. It throws what SQLite throws. */
export function openSqliteSnapshot(path: string): SqlQueries & Disposable {
  return new SqliteConnection(path, true);
}

function finish(path: string, target: string): void {
  const copy = new DatabaseSync(target);
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
    const found = copy.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (found !== 'ok') {
      const sentence = `The database has damaged pages (${path}): ${String(found)}; look at its disk, and restore a backup`;
      throw new StoreError('STORE_DAMAGED', sentence);
    }
  } finally {
    copy.close();
  }
}
