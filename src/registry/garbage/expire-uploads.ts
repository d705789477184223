import { errorMessage } from '../../base/error.ts';
import {
  countStaleUploads,
  expireUpload,
  staleUploads,
  uploadNames,
  type UploadRecord,
  uploadState,
} from '../../store/metadata/uploads.ts';
import { type Collection, rest } from './collection.ts';
import { garbageLimits } from './limits.ts';

/** Last step: gives up uploads that nothing came for since a time, and removes what lies about of uploads that are over. */
export async function expireUploads(collection: Collection, before: number): Promise<void> {
  const { content, tally, dryRun } = collection;
  if (dryRun) {
    tally.expiredUploads += await countStaleUploads(content.database, before);
    return;
  }
  for (;;) {
    const stale = await staleUploads(content.database, before, garbageLimits.uploads);
    if (stale.length === 0) break;
    for (const upload of stale) await expire(collection, upload);
    await rest(collection);
  }
  tally.strayUploads += await content.blobs.removeStaleUploads(before, await knownUploads(collection));
}

/**
 * Record first, so that no request goes on with an upload whose bytes are gone. What a kill leaves in between is found as a stray
 * later.
 */
async function expire({ content, tally, logger }: Collection, upload: UploadRecord): Promise<void> {
  const isOver = await content.database.transaction((queries) => expireUpload(queries, upload), { durable: false });
  if (!isOver) return;
  tally.expiredUploads += 1;
  try {
    await content.blobs.abort(uploadState(upload));
  } catch (error) {
    logger.warn('The bytes of an upload that was given up could not be removed; a later collection will try again', {
      upload: upload.id,
      error: errorMessage(error),
    });
  }
}

/** All uploads that are under way: only as many as clients push at a time. What begins later is too young to be a stray. */
async function knownUploads(collection: Collection): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  let last = '';
  for (;;) {
    const names = await uploadNames(collection.content.database, last, garbageLimits.stretch);
    if (names.length === 0) return known;
    for (const name of names) known.add(name);
    last = names.at(-1) ?? '';
    await rest(collection);
  }
}
