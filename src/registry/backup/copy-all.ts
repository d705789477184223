import { mapBounded } from '../../base/concurrency.ts';
import { type Progress, silentProgress } from '../../base/progress.ts';
import { countNeeded, neededBlobs, type NeededBlob } from '../../store/metadata/backup.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { type BlobCopier, type CopiedBlob, copyBlob } from './copy-blob.ts';
import { backupLimits } from './limits.ts';

/** What came of copying what some records need. */
export interface CopiedBlobs {
  readonly counts: Readonly<Record<CopiedBlob, number>>;
  readonly bytes: number;
  /** Blobs that were not where they should be, and those that are not whole. */
  readonly absent: readonly NeededBlob[];
  readonly damaged: readonly NeededBlob[];
  /** Blobs that were known to be damaged, and that are whole where they are now. */
  readonly healed: readonly NeededBlob[];
}

/** Copies all blobs that some records need, some at a time. @throws StoreError; the signal's reason */
export async function copyAll(
  copier: BlobCopier,
  records: SqlQueries,
  label: string,
  progress: Progress = silentProgress,
): Promise<CopiedBlobs> {
  const counts: Record<CopiedBlob, number> = { there: 0, linked: 0, copied: 0, absent: 0, damaged: 0 };
  const [absent, damaged, healed]: [NeededBlob[], NeededBlob[], NeededBlob[]] = [[], [], []];
  let bytes = 0;
  const total = progress === silentProgress ? {} : { total: (await countNeeded(records)).bytes };
  const task = progress.start(label, { ...total, unit: 'bytes' });
  try {
    for await (const blobs of neededBlobs(records)) {
      await mapBounded(blobs, backupLimits.width, async (blob) => {
        const came = await copyBlob(copier, blob);
        counts[came] += 1;
        if (came === 'absent') absent.push(blob);
        else if (came === 'damaged') damaged.push(blob);
        else {
          bytes += blob.size;
          if (blob.damagedAt > 0) healed.push(blob);
        }
        task.advance(blob.size);
      });
    }
  } finally {
    task.finish();
  }
  return { counts, bytes, absent, damaged, healed };
}
