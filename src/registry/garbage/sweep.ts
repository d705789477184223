import {
  countMarked,
  type GarbageBlob,
  nextBlobs,
  sweepBlobs,
  takeOverMarked,
  unreferencedBlobs,
  wouldBeUnreferenced,
} from '../../store/metadata/garbage.ts';
import { type Collection, rest } from './collection.ts';
import { garbageLimits } from './limits.ts';
import { removeMarked } from './remove-marked.ts';

/** Second step: removes blobs that no repository has. */
export async function sweepAll(collection: Collection): Promise<void> {
  const { content, tally, before, dryRun } = collection;
  let after = '';
  for (;;) {
    const stretch = await nextBlobs(content.database, after, garbageLimits.stretch);
    if (stretch === undefined) return;
    const find = dryRun ? wouldBeUnreferenced : unreferencedBlobs;
    const found = await find(content.database, stretch, before);
    if (dryRun) count(collection, found);
    else await sweep(collection, found);
    tally.lookedAtBlobs += stretch.rows;
    after = stretch.last;
    await rest(collection);
  }
}

async function sweep(collection: Collection, found: readonly GarbageBlob[]): Promise<void> {
  const { content, before } = collection;
  for (let at = 0; at < found.length; at += garbageLimits.batch) {
    const digests = found.slice(at, at + garbageLimits.batch).map(({ digest }) => digest);
    const mark = content.now();
    // Durable: a mark that a power cut takes back would leave a blob that can be linked to and has no bytes.
    const { gone, marked } = await content.database.transaction((queries) =>
      sweepBlobs(queries, digests, before, mark),
    );
    count(collection, gone);
    await removeMarked(collection, marked, mark);
    await rest(collection);
  }
}

/** Before all others: removes what a collector marked that was killed, or was stalled for too long. */
export async function takeOverLeft(collection: Collection): Promise<void> {
  const { content, tally, dryRun } = collection;
  if (dryRun) {
    const left = await countMarked(content.database, content.now() - garbageLimits.takeOver);
    tally.takenOver += left.blobs;
    tally.removedBlobs += left.blobs;
    tally.freedBytes += left.bytes;
    return;
  }
  for (;;) {
    const mark = content.now();
    const left = await content.database.transaction((queries) =>
      takeOverMarked(queries, mark - garbageLimits.takeOver, garbageLimits.batch, mark),
    );
    if (left.length === 0) return;
    tally.takenOver += left.length;
    await removeMarked(collection, left, mark);
    await rest(collection);
  }
}

function count({ tally }: Collection, blobs: readonly GarbageBlob[]): void {
  tally.removedBlobs += blobs.length;
  for (const { size } of blobs) tally.freedBytes += size;
}
