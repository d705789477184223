import type { Digest } from '../../../oci/digest.ts';
import {
  firstManifest,
  forgottenScans,
  nextManifests,
  type ScannedManifest,
} from '../../../store/metadata/missing-scans.ts';
import { findScan } from '../../../store/metadata/scans.ts';
import type { SqlDatabase } from '../../../store/sql/database.ts';
import { imageTypes } from '../image-types.ts';
import { scanningLimits } from '../limits.ts';
import type { ScanQueue } from '../scan-queue.ts';
import { eachPage, type PageTurner } from './pages.ts';

/** What finding images without a scan needs. */
export interface MissingParts {
  readonly database: SqlDatabase;
  readonly queue: ScanQueue;
  /** Whether images of a repository are scanned only when somebody pulls them, since their layers need not be here. */
  readonly isCached: (repository: string) => boolean;
  /** Whether something claims to be no image, but a signature or a statement. */
  readonly isAttachment: (repository: string, digest: Digest) => Promise<boolean>;
}

/**
 * Asks for the scans of images that nobody asked for: those that `registry import` brought, or that were pushed before scanning was
 * enabled. Scans that wait and whose jobs are lost get new ones.
 *
 * @returns how many were asked for
 * @throws StoreError; the signal's reason
 */
export async function requestMissing(
  { database, queue, isCached, isAttachment }: MissingParts,
  turner: PageTurner,
): Promise<number> {
  const before = turner.clock.now() - scanningLimits.missingTime;
  let asked = 0;
  await eachPage<Pick<ScannedManifest, 'repository' | 'digest'> & Partial<ScannedManifest>>(
    turner,
    firstManifest,
    (after, limit) => nextManifests(database, after, imageTypes, before, limit),
    async (rows) => {
      for (const { digest, name = '', missing } of rows) {
        if (missing !== 1 || (isCached(name) && !(await isAttachment(name, digest)))) continue;
        await queue.request(digest, name, 'rescan');
        asked += 1;
      }
    },
  );
  await eachPage<Forgotten>(
    turner,
    { id: 0 },
    (after, limit) => forgottenScans(database, after.id, before, limit),
    async (rows) => {
      for (const { digest } of rows) {
        await database.transaction(async (queries) => {
          const scan = digest === undefined ? undefined : await findScan(queries, digest);
          // Where its job waits all the same, one of the two finds nothing left to do.
          if (scan?.state === 'waiting')
            await queue.addJob(queries, scan, digest as NonNullable<typeof digest>, 'rescan');
        });
      }
    },
  );
  return asked;
}

type Forgotten = { readonly id: number } & Partial<Awaited<ReturnType<typeof forgottenScans>>[number]>;
