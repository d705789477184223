import { clearDamage } from '../../store/metadata/damage.ts';
import { blobRow, type BlobRow, blobRows, holdersOf, markDamaged } from '../../store/metadata/scrub.ts';
import { scrubLimits } from './limits.ts';
import { rest, type Scrubbing } from './scrubbing.ts';
import { type BytesState, verifyBytes } from './verify-bytes.ts';

/**
 * From records to bytes: what is recorded must be there, whole.
 *
 * A blob that is not whole is marked as damaged when it is to be repaired. From then on it is shown to nobody, so that clients push
 * it again, and whoever does replaces its bytes, in place and at once (see `storeAndLink`). Nothing is removed here: the bytes
 * stay until then for whoever wants to look at them.
 */
export async function checkBlobs(scrubbing: Scrubbing): Promise<void> {
  const { content, tally } = scrubbing;
  for (;;) {
    const rows = await blobRows(content.database, tally.lastBlob, scrubLimits.batch);
    if (rows.length === 0) return;
    for (const row of rows) {
      scrubbing.signal?.throwIfAborted();
      await checkBlob(scrubbing, row);
      tally.lookedAtBlobs += 1;
      tally.lastBlob = row.digest;
      if (!scrubbing.hash) scrubbing.task.advance(1);
    }
    await rest(scrubbing);
  }
}

async function checkBlob(scrubbing: Scrubbing, first: BlobRow): Promise<void> {
  const { content, tally, repair } = scrubbing;
  let row: BlobRow | undefined = first;
  for (let look = 0; look < scrubLimits.looks && row !== undefined; look += 1) {
    // What is being removed is nobody's.
    if (row.deleting > 0) return;
    const state = await verifyBytes(scrubbing, row);
    if (row.damagedAt > 0) return await checkDamaged(scrubbing, row, state);
    if (state === 'whole') return;
    // Whoever stores it now comes to its row again afterwards, so then it says another time.
    const again = await blobRow(content.database, row.digest);
    if (again !== undefined && isSame(row, again)) {
      // Claimed, and not stored yet, or never: garbage collection forgets it.
      if (state === 'bytes-missing' && row.named === 0) return;
      const outcome = repair ? await hide(scrubbing, row, state) : 'shown';
      const { digest, size } = row;
      if (outcome === 'whole') return;
      const holders = await holdersOf(content.database, digest, scrubLimits.holders);
      tally.add({ kind: state, digest, size, holders, repaired: outcome === 'hidden' });
      return;
    }
    row = again;
  }
}

/**
 * Marks it as damaged, and looks once more: who had stored it between the look and the mark would have done so for nothing.
 * After the mark nobody does, since a push that does not know of it is told to store its bytes again.
 */
async function hide(
  scrubbing: Scrubbing,
  row: BlobRow,
  kind: Exclude<BytesState, 'whole'>,
): Promise<'hidden' | 'shown' | 'whole'> {
  const { content, journal } = scrubbing;
  const damagedAt = content.now();
  const isMarked = await content.database.transaction(async (queries) => {
    if (!(await markDamaged(queries, row, damagedAt))) return false;
    await journal(queries, { kind, digest: row.digest });
    return true;
  });
  if (!isMarked) return 'shown';
  if ((await verifyBytes(scrubbing, row)) !== 'whole') return 'hidden';
  await show(scrubbing, row.digest, damagedAt);
  return 'whole';
}

/** Lets clients see a blob again; false when somebody stored it anew meanwhile. */
function show({ content, journal }: Scrubbing, digest: BlobRow['digest'], damagedAt: number): Promise<boolean> {
  return content.database.transaction(async (queries) => {
    if (!(await clearDamage(queries, digest, damagedAt))) return false;
    await journal(queries, { kind: 'whole-again', digest });
    return true;
  });
}

async function checkDamaged(scrubbing: Scrubbing, row: BlobRow, state: BytesState): Promise<void> {
  const { content, tally, repair, hash } = scrubbing;
  const { digest, size, damagedAt } = row;
  if (state !== 'whole') {
    if (row.named === 0) return;
    const holders = await holdersOf(content.database, digest, scrubLimits.holders);
    tally.add({ kind: 'still-damaged', digest, size, holders, repaired: false });
    return;
  }
  // Only the size was looked at: that says too little.
  if (!hash && row.inDatabase === 0) return;
  const repaired = repair && (await show(scrubbing, digest, damagedAt));
  tally.add({ kind: 'whole-again', digest, size, repaired });
}

function isSame(one: BlobRow, other: BlobRow): boolean {
  return (
    one.storedAt === other.storedAt &&
    one.usedAt === other.usedAt &&
    one.deleting === other.deleting &&
    one.damagedAt === other.damagedAt &&
    one.inDatabase === other.inDatabase
  );
}
