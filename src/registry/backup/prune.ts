import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../oci/digest.ts';
import type { BlobStore } from '../../store/blob/blob-store.ts';
import { isNeeded } from '../../store/metadata/backup.ts';
import { knownBlobs } from '../../store/metadata/scrub.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import type { BackupManifest } from './manifest.ts';

/** Blobs that are asked for at once. */
const batch = 256;

/**
 * Removes what only backups before the present one needed, and what one left that was killed. Gives the number of blobs. A kill
 * in between leaves the rest to the next backup.
 */
export async function prune(
  folder: string,
  { records: { file } }: BackupManifest,
  records: SqlQueries,
  blobs: BlobStore,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (const name of await readdir(folder)) {
    const isOld = name.startsWith('records-') && !name.startsWith(file);
    if (isOld || name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
  }
  let removed = 0;
  let digests: Digest[] = [];
  const removeBatch = async (): Promise<void> => {
    const known = await knownBlobs(records, digests);
    for (const digest of digests) {
      if (known.has(digest) && (await isNeeded(records, digest))) continue;
      if (await blobs.remove(digest)) removed += 1;
    }
    digests = [];
  };
  for await (const { digest } of blobs.list(signal)) {
    digests.push(digest);
    if (digests.length === batch) await removeBatch();
  }
  await removeBatch();
  return removed;
}
