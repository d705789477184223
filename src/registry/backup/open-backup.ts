import { access } from 'node:fs/promises';
import { openFilesystemBlobStore } from '../../store/blob/filesystem/open.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { lockFile } from '../../store/sql/sqlite/file-lock.ts';
import { openSqliteSnapshot } from '../../store/sql/sqlite/snapshot.ts';
import type { BlobPlace } from './blob-place.ts';
import { type BackupManifest, backupPaths, checkRecords, readManifest } from './manifest.ts';

/** A backup that is being read; nobody brings it up to date meanwhile. */
export interface OpenedBackup extends AsyncDisposable {
  readonly manifest: BackupManifest;
  /** The file of its records, which are as they were written. */
  readonly file: string;
  readonly records: SqlQueries;
  readonly place: BlobPlace;
}

/**
 * Opens a backup that was ended, on a disk that need not be written.
 *
 * @throws BackupError BACKUP_ABSENT, BACKUP_DAMAGED, BACKUP_TOO_NEW; StoreError STORE_BUSY while it is brought up to date
 */
export async function openBackup(folder: string, signal?: AbortSignal): Promise<OpenedBackup> {
  // Before its lock, to tell a folder that holds none.
  await readManifest(folder);
  const paths = backupPaths(folder);
  await using opened = new AsyncDisposableStack();
  if (await isThere(paths.lock)) opened.use(await lockFile(paths.lock, 'shared'));
  const manifest = await readManifest(folder);
  const file = await checkRecords(folder, manifest, signal);
  const blobs = opened.use(await openFilesystemBlobStore({ folder: paths.blobs }));
  const records = opened.use(openSqliteSnapshot(file));
  const kept = opened.move();
  const place = { blobs, folder: paths.blobs };
  return { manifest, file, records, place, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Who copied a backup elsewhere may have left the file of its lock behind. */
async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
