import type { StoredBlob } from '../../store/blob/blob-store.ts';
import { hasBlobs, knownBlobs, markOrphan } from '../../store/metadata/scrub.ts';
import { removeMarked } from '../garbage/remove-marked.ts';
import { newTally } from '../garbage/report.ts';
import { StepPace } from '../garbage/step-pace.ts';
import { scrubLimits } from './limits.ts';
import { rest, type Scrubbing } from './scrubbing.ts';

/**
 * From bytes to records: what lies in the blob store must be known, unless it was written just now. A kill between storing and
 * linking leaves such bytes, and so does a power cut or a backup of the database that is older than the bytes.
 */
export async function checkOrphans(scrubbing: Scrubbing): Promise<void> {
  const { content, signal } = scrubbing;
  let batch: StoredBlob[] = [];
  for await (const blob of content.blobs.list(signal)) {
    batch.push(blob);
    if (batch.length < scrubLimits.batch) continue;
    await checkBatch(scrubbing, batch);
    batch = [];
  }
  await checkBatch(scrubbing, batch);
}

async function checkBatch(scrubbing: Scrubbing, batch: readonly StoredBlob[]): Promise<void> {
  const { content, tally, before, repair } = scrubbing;
  tally.listedBlobs += batch.length;
  scrubbing.task.advance(batch.length);
  const known = await knownBlobs(
    content.database,
    batch.map(({ digest }) => digest),
  );
  const orphans = batch.filter(({ digest, modified }) => !known.has(digest) && modified < before);
  const removed = repair && orphans.length > 0 ? await remove(scrubbing, orphans) : new Set();
  for (const { digest, size } of orphans) {
    tally.add({ kind: 'bytes-orphaned', digest, size, repaired: removed.has(digest) });
  }
  await rest(scrubbing);
}

/**
 * They are marked like garbage, and removed by the same rules: a push of the same digest waits, and stores its bytes anew. Where
 * nothing at all is recorded, the database is more likely the wrong one than the bytes are.
 */
async function remove(scrubbing: Scrubbing, orphans: readonly StoredBlob[]): Promise<ReadonlySet<string>> {
  const { content, journal, signal, logger, before } = scrubbing;
  const mark = content.now();
  const marked = await content.database.transaction(async (queries) => {
    if (!(await hasBlobs(queries))) return [];
    const own: StoredBlob[] = [];
    for (const orphan of orphans) {
      if (!(await markOrphan(queries, orphan, mark))) continue;
      await journal(queries, { kind: 'bytes-orphaned', digest: orphan.digest });
      own.push(orphan);
    }
    return own;
  });
  const tally = newTally(false, mark);
  const pace = new StepPace(1);
  return await removeMarked(
    { content, tally, before, dryRun: false, signal, logger, onProgress: () => undefined, pace },
    marked,
    mark,
  );
}
