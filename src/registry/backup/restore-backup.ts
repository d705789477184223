import { randomBytes } from 'node:crypto';
import { copyFile, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Progress } from '../../base/progress.ts';
import type { Digest } from '../../oci/digest.ts';
import type { BlobStore } from '../../store/blob/blob-store.ts';
import { nodeFileSystem, syncFolder } from '../../store/blob/filesystem/file-system.ts';
import { syncBlobFolder } from '../../store/blob/filesystem/link.ts';
import { forgetUploads } from '../../store/metadata/backup.ts';
import { clearDamage } from '../../store/metadata/damage.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { openSqliteDatabase } from '../../store/sql/sqlite/open.ts';
import { copyAll } from './copy-all.ts';
import type { BlobCopier } from './copy-blob.ts';
import { BackupError } from './error.ts';
import type { BackupManifest } from './manifest.ts';
import { openBackup } from './open-backup.ts';
import { checkPlaceholder, putPlaceholder } from './placeholder.ts';

/** Where a registry is to be that is not there yet. */
export interface RestoreTarget {
  /** The file of its records. */
  readonly file: string;
  /** The folder of its blobs, where they are to be in one. */
  readonly folder: string | undefined;
  /** Opens where its blobs are to be, and makes it. */
  readonly openBlobs: () => Promise<BlobStore>;
}

/** How a backup is restored. */
export interface RestoreOptions {
  /** Copies blobs even where they could be linked. */
  readonly copy?: boolean;
  /** Writes more into the restored records, before they take their place: there is neither without the other. */
  readonly complete?: (records: SqlDatabase, manifest: BackupManifest) => Promise<void>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What was restored. Plain data. */
export interface RestoreReport {
  readonly manifest: BackupManifest;
  readonly linked: number;
  readonly copied: number;
  /** Blobs that an earlier restore had brought. */
  readonly there: number;
  /** Blobs that are missing: they are damaged in the backup, or were in the registry that it is of. */
  readonly missing: readonly Digest[];
}

/**
 * Makes a registry of a backup. Every byte is read and compared with its digest, linked or copied, and the records take their place
 * last, in one step: what was restored in part is no registry, and the same command goes on with it.
 *
 * Blobs that were damaged in the registry when the backup was made, and are whole in the backup, which had them before, are whole again.
 * Uploads that were under way when the backup was made are forgotten; their clients begin again.
 *
 * @throws BackupError RESTORE_REFUSED where there is a registry already, and as `openBackup` does; StoreError; the signal's reason
 */
export async function restoreBackup(
  from: string,
  { file, folder, openBlobs }: RestoreTarget,
  { copy = false, complete, progress, signal }: RestoreOptions = {},
): Promise<RestoreReport> {
  await using backup = await openBackup(from, signal);
  const { manifest } = backup;
  const isNew = (await putPlaceholder(file, manifest.id)) === 'new';
  await using blobs = isNew ? await unlessRefused(file, openBlobs) : await openBlobs();
  if (isNew) await unlessRefused(file, () => refuseBlobs(blobs));
  const place = { blobs, folder };
  const copier: BlobCopier = { from: backup.place, to: place, verify: true, heals: true, linkable: !copy, signal };
  const { counts, absent, damaged, healed } = await copyAll(copier, backup.records, 'Restoring blobs', progress);
  if (folder !== undefined) await syncBlobFolder(folder);
  await putRecords(backup.file, file, manifest.id, async (records) => {
    await records.transaction(async (queries) => {
      await forgetUploads(queries);
      for (const { digest, damagedAt } of healed) await clearDamage(queries, digest, damagedAt);
    });
    await complete?.(records, manifest);
  });
  const missing = [...absent, ...damaged].map(({ digest }) => digest).sort();
  return { manifest, linked: counts.linked, copied: counts.copied, there: counts.there, missing };
}

/** Does what may be refused before anything was restored, and then leaves nothing behind that says that it was begun. */
async function unlessRefused<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await rm(file);
    throw error;
  }
}

/** Bytes that no record knows would be taken for damage, and may be those of another registry. */
async function refuseBlobs(blobs: BlobStore): Promise<void> {
  for await (const { digest } of blobs.list()) {
    const sentence = `Nothing was restored: the blobs of another registry are there (${digest}); name an empty place`;
    throw new BackupError('RESTORE_REFUSED', sentence);
  }
}

async function putRecords(
  from: string,
  file: string,
  id: string,
  change: (records: SqlDatabase) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await copyFile(from, temporary);
    {
      await using records = await openSqliteDatabase({ path: temporary });
      await change(records);
    }
    {
      await using written = await open(temporary, 'r+');
      await written.chmod(0o600);
      await written.sync();
    }
    await checkPlaceholder(file, id);
    await rename(temporary, file);
    await syncFolder(nodeFileSystem, dirname(file));
  } catch (error) {
    for (const end of ['', '-wal', '-shm']) await rm(`${temporary}${end}`, { force: true });
    throw error;
  }
}
