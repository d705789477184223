import { mapBounded } from '../../base/concurrency.ts';
import { type Progress, silentProgress } from '../../base/progress.ts';
import type { Digest } from '../../oci/digest.ts';
import { neededBlobs } from '../../store/metadata/backup.ts';
import { isWhole } from './copy-blob.ts';
import { backupLimits } from './limits.ts';
import type { BackupManifest } from './manifest.ts';
import { openBackup } from './open-backup.ts';

/** What was found in a backup. */
export interface VerifiedBackup {
  readonly manifest: BackupManifest;
  readonly blobs: number;
  /** Blobs that are missing or changed, and were not when the backup was made. */
  readonly broken: readonly Digest[];
}

/**
 * Reads a backup whole, and compares it with what it says of itself.
 *
 * @throws BackupError BACKUP_ABSENT, BACKUP_DAMAGED for its records, BACKUP_TOO_NEW; StoreError when it cannot be read
 */
export async function verifyBackup(
  folder: string,
  { progress = silentProgress, signal }: { readonly progress?: Progress; readonly signal?: AbortSignal } = {},
): Promise<VerifiedBackup> {
  await using backup = await openBackup(folder, signal);
  const { manifest, records, place } = backup;
  const known: ReadonlySet<string> = new Set(manifest.damaged);
  const broken: Digest[] = [];
  let blobs = 0;
  const task = progress.start('Reading the backup', { total: manifest.blobs.bytes, unit: 'bytes' });
  try {
    for await (const page of neededBlobs(records)) {
      await mapBounded(page, backupLimits.width, async (blob) => {
        signal?.throwIfAborted();
        blobs += 1;
        if (!known.has(blob.digest) && !(await isWhole(place.blobs, blob, signal))) broken.push(blob.digest);
        task.advance(blob.size);
      });
    }
  } finally {
    task.finish();
  }
  return { manifest, blobs, broken: broken.sort() };
}
