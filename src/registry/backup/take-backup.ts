import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../../base/progress.ts';
import type { Digest } from '../../oci/digest.ts';
import { openFilesystemBlobStore } from '../../store/blob/filesystem/open.ts';
import { syncBlobFolder } from '../../store/blob/filesystem/link.ts';
import { isNeeded } from '../../store/metadata/backup.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { lockFile } from '../../store/sql/sqlite/file-lock.ts';
import { copySqliteDatabase, openSqliteSnapshot } from '../../store/sql/sqlite/snapshot.ts';
import type { BlobPlace } from './blob-place.ts';
import { copyAll, type CopiedBlobs } from './copy-all.ts';
import type { BlobCopier } from './copy-blob.ts';
import { BackupError } from './error.ts';
import { backupLimits } from './limits.ts';
import { type BackupManifest, backupPaths, hashFile, isBackupName, writeManifest } from './manifest.ts';
import { prune } from './prune.ts';
import { makeDirectory } from '../../base/make-directory.ts';

/** A registry that keeps its records in SQLite. */
export interface BackupSource {
  /** The file of the records. */
  readonly file: string;
  readonly database: SqlDatabase;
  readonly place: BlobPlace;
}

/** How a backup is taken. */
export interface BackupOptions {
  /** Copies blobs even where they could be linked. */
  readonly copy?: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Of the program. */
  readonly version: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What was done. Plain data. */
export interface BackupReport {
  readonly manifest: BackupManifest;
  readonly linked: number;
  readonly copied: number;
  /** Blobs of an earlier backup in the same folder that nothing names any more. */
  readonly removed: number;
  /** Blobs that are damaged in the registry itself, and that no earlier backup in the same folder had; all of them. */
  readonly damaged: number;
}

/**
 * Brings a backup up to date, or begins one, while the registry is in use. It only reads there.
 *
 * Blobs first, until going through them takes but a moment; then the records, at one moment; then the blobs that came between the
 * two. Garbage collection cannot take these: they were pushed or mounted since, and their lease is longer than that moment. What a
 * client deleted in between may be collected before its bytes were copied, though the copied records name it: then the
 * records, which do not name it any more, are copied anew. So whatever the records of the backup name lies beside them.
 *
 * The folder holds the backup before until the file that describes the new one takes the place of its file, in one step.
 *
 * @throws StoreError STORE_BUSY when another command uses the folder, and all that stores throw; BackupError; the signal's reason
 */
export async function takeBackup(source: BackupSource, folder: string, options: BackupOptions): Promise<BackupReport> {
  const { copy = false, now, progress, signal } = options;
  await prepare(folder);
  const paths = backupPaths(folder);
  using _ = await lockFile(paths.lock, 'alone');
  await using blobs = await openFilesystemBlobStore({ folder: paths.blobs });
  await blobs.removeStaleUploads(Number.MAX_SAFE_INTEGER, new Set());
  const to: BlobPlace = { blobs, folder: paths.blobs };
  const copier: BlobCopier = { from: source.place, to, verify: false, heals: false, linkable: !copy, signal };
  const total = { linked: 0, copied: 0 };
  const pass = async (records: Parameters<typeof copyAll>[1], label: string): Promise<CopiedBlobs> => {
    const copied = await copyAll(copier, records, label, progress);
    total.linked += copied.counts.linked;
    total.copied += copied.counts.copied;
    return copied;
  };
  for (let passes = 0; passes < backupLimits.passes; passes += 1) {
    const begun = now();
    await pass(source.database, 'Copying blobs');
    if (now() - begun < backupLimits.shortPass) break;
  }
  for (let round = 1; ; round += 1) {
    const id = randomBytes(8).toString('hex');
    const file = `records-${id}.db`;
    const createdAt = new Date(now()).toISOString();
    await copySqliteDatabase(source.file, join(folder, file));
    using records = openSqliteSnapshot(join(folder, file));
    const { counts, bytes, absent, damaged } = await pass(records, 'Copying what is new');
    const gone = await Promise.all(absent.map(async ({ digest }) => !(await isNeeded(source.database, digest))));
    if (gone.some(Boolean) && round < backupLimits.rounds) {
      await rm(join(folder, file));
      continue;
    }
    await syncBlobFolder(paths.blobs);
    const lost: Digest[] = [...absent, ...damaged].map(({ digest }) => digest).sort();
    const manifest: BackupManifest = {
      format: 'seaworthy-registry-backup',
      version: 1,
      id,
      createdAt,
      program: options.version,
      records: { file, ...(await hashFile(join(folder, file), signal)) },
      blobs: { count: counts.there + counts.linked + counts.copied, bytes },
      damaged: lost.slice(0, backupLimits.damaged),
    };
    await writeManifest(folder, manifest);
    const removed = await prune(folder, manifest, records, blobs, signal);
    return { manifest, ...total, removed, damaged: lost.length };
  }
}

/** Makes the folder; one that holds anything else is refused, since what a backup does not need is removed from it. */
async function prepare(folder: string): Promise<void> {
  try {
    await makeDirectory(folder, { mode: 0o700 });
    const other = (await readdir(folder)).find((name) => !isBackupName(name));
    if (other === undefined) return;
    const sentence = `${folder} holds "${other}", which is of no backup; name an empty folder, or one that is not there yet`;
    throw new BackupError('BACKUP_FOLDER_INVALID', sentence);
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new BackupError('BACKUP_FOLDER_INVALID', `${folder} cannot be used (${code}); name a folder`, { cause });
  }
}
