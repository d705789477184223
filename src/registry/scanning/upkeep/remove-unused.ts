import { deleteManifest } from '../../../store/metadata/manifests.ts';
import { tagsOf } from '../../../store/metadata/tags.ts';
import {
  firstAttachment,
  forgetAttachment,
  hasStrayFlaws,
  nextAttachments,
  nextPackages,
  nextScans,
  removePackage,
  removeScan,
  removeStrayFlaws,
  type UsedAttachment,
  type UsedPackage,
  type UsedScan,
} from '../../../store/metadata/unused-scans.ts';
import type { SqlDatabase, SqlQueries } from '../../../store/sql/database.ts';
import { scanningLimits } from '../limits.ts';
import { eachPage, type PageTurner } from './pages.ts';

/** What was removed. */
export interface RemovedEvidence {
  readonly images: number;
  readonly packages: number;
  /** What the registry had attached to images that were deleted from their repositories. */
  readonly attachments: number;
}

/** Removes so many in one transaction: others wait for it. */
const together = 20;

/**
 * Removes what is known of images that are in no repository any more, the packages that no image has, and what the registry attached to
 * images that were deleted. Each is looked at again in the transaction that removes it, in which nothing else happens: an image that is
 * pushed meanwhile keeps what is known of it, or was asked for after it was gone and is scanned anew.
 *
 * @throws StoreError; the signal's reason
 */
export async function removeUnused(database: SqlDatabase, turner: PageTurner): Promise<RemovedEvidence> {
  const before = turner.clock.now() - scanningLimits.unusedTime;
  let [images, packages, attachments, last] = [0, 0, 0, 0];
  await eachPage<Attachment>(
    turner,
    firstAttachment,
    (after, limit) => nextAttachments(database, after, limit),
    async (rows) => {
      const stray = rows.filter((row): row is UsedAttachment => 'stray' in row && row.stray === 1);
      attachments += await inParts(database, stray, removeAttachment);
    },
  );
  await eachPage<UsedScan>(
    turner,
    { id: 0, unused: 0 },
    (after, limit) => nextScans(database, after.id, before, limit),
    async (rows) => {
      const unused = rows.filter((row) => row.unused === 1);
      images += await inParts(database, unused, (queries, { id }) => removeScan(queries, id, before));
    },
  );
  await eachPage<UsedPackage>(
    turner,
    { id: 0, unused: 0 },
    (after, limit) => nextPackages(database, after.id, limit),
    async (rows, after) => {
      const unused = rows.filter((row) => row.unused === 1);
      packages += await inParts(database, unused, (queries, { id }) => removePackage(queries, id));
      last = rows.at(-1)?.id ?? after.id;
      await removeStray(database, after.id, last);
    },
  );
  await removeStray(database, last, Number.MAX_SAFE_INTEGER);
  return { images, packages, attachments };
}

type Attachment = Pick<UsedAttachment, 'repository' | 'scan' | 'kind'> | UsedAttachment;
type Work<Row> = (queries: SqlQueries, row: Row) => Promise<boolean>;

async function inParts<Row>(database: SqlDatabase, rows: readonly Row[], remove: Work<Row>): Promise<number> {
  let removed = 0;
  for (let at = 0; at < rows.length; at += together) {
    const part = rows.slice(at, at + together);
    removed += await database.transaction(async (queries) => {
      let count = 0;
      for (const row of part) if (await remove(queries, row)) count += 1;
      return count;
    });
  }
  return removed;
}

/** Whoever judges packages may add flaws to one that went meanwhile. */
async function removeStray(database: SqlDatabase, after: number, until: number): Promise<void> {
  if (!(await hasStrayFlaws(database, after, until))) return;
  await database.transaction((queries) => removeStrayFlaws(queries, after, until));
}

/** With its manifest, unless somebody has named that by a tag, and so made it their own. */
async function removeAttachment(queries: SqlQueries, attachment: UsedAttachment): Promise<boolean> {
  if (!(await forgetAttachment(queries, attachment))) return false;
  const { repository, digest } = attachment;
  if ((await tagsOf(queries, repository, digest)).length === 0) await deleteManifest(queries, repository, digest);
  return true;
}
