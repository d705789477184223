import { mapBounded } from '../../base/concurrency.ts';
import { errorMessage } from '../../base/error.ts';
import type { Digest } from '../../oci/digest.ts';
import { clearDamage, doubtBlob, markLost } from '../../store/metadata/damage.ts';
import { forgetMarked, type GarbageBlob, releaseMarked } from '../../store/metadata/garbage.ts';
import type { Collection } from './collection.ts';
import { garbageLimits } from './limits.ts';

/**
 * Removes the bytes of blobs that were marked, forgets them, and gives those that are gone.
 *
 * While a blob is marked, nothing links to it and no push stores it: a push waits until the row is forgotten. So removing bytes is
 * safe as long as the mark stands, and only its owner, or a later collector that took over, ends a mark. A collector may be killed,
 * so others must be able to take over; it may also be stalled (a suspended machine, a disk that hangs), so that it goes on when
 * another one removed the blob, forgot it, and a client pushed it anew. Removing it then would lose a blob. Therefore:
 *
 * - nobody takes over before a mark is `takeOver` old, and who does marks anew, so that there is one owner at a time;
 * - an owner begins no removal when its mark is older than `markTime`, by its own clock that it asks right before;
 * - a row is forgotten only while it bears the owner's own mark.
 *
 * What is left is a stall of more than `takeOver - markTime` between the clock and the removal right behind it, since no store
 * removes on conditions. Who wakes from that finds its mark gone; it then looks whether the blob that was pushed meanwhile still has
 * its bytes, and if not marks it as damaged, so that it is reported, shown to nobody, and whole again with the next push.
 */
export async function removeMarked(
  collection: Collection,
  marked: readonly GarbageBlob[],
  mark: number,
): Promise<ReadonlySet<string>> {
  const { content, tally, signal } = collection;
  const removed: GarbageBlob[] = [];
  const untouched: Digest[] = [];
  await mapBounded(marked, garbageLimits.width, async (blob) => {
    const isLate = content.now() - mark >= garbageLimits.markTime;
    if (isLate || signal?.aborted === true) untouched.push(blob.digest);
    else if (await remove(collection, blob)) removed.push(blob);
  });
  const digests = removed.map(({ digest }) => digest);
  // Not durable: what comes back after a power cut is a mark, which is taken over.
  const forgotten = await content.database.transaction(
    async (queries) => {
      await releaseMarked(queries, untouched, mark);
      return forgetMarked(queries, digests, mark);
    },
    { durable: false },
  );
  tally.removedBlobs += forgotten.size;
  tally.leftMarked += marked.length - removed.length - untouched.length;
  for (const digest of digests) if (!forgotten.has(digest)) await reportIfLost(collection, digest);
  return forgotten;
}

/** False when it failed, and the bytes may be there or not. */
async function remove({ content, tally, logger }: Collection, { digest, size }: GarbageBlob): Promise<boolean> {
  try {
    if (await content.blobs.remove(digest)) tally.freedBytes += size;
    return true;
  } catch (error) {
    logger.warn('A blob that nothing names could not be removed; a later collection will try again', {
      digest,
      error: errorMessage(error),
    });
    return false;
  }
}

async function reportIfLost({ content, tally, logger }: Collection, digest: Digest): Promise<void> {
  const named = await content.database.transaction((queries) => doubtBlob(queries, digest));
  if (named === undefined || (await content.blobs.stat(digest)) !== undefined) return;
  const lostAt = content.now();
  if (!(await content.database.transaction((queries) => markLost(queries, named, lostAt)))) return;
  // Who pushed it anew may have brought its bytes after they were looked for.
  if ((await content.blobs.stat(digest)) !== undefined) {
    await content.database.transaction((queries) => clearDamage(queries, digest, lostAt));
    return;
  }
  tally.lost.push(digest);
  logger.error('A blob was removed after a stall of minutes, although it was pushed anew meanwhile; push it again', {
    digest,
  });
}
