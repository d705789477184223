import { createHash } from 'node:crypto';
import { digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { StoreError } from '../../store/error.ts';
import { blobContent } from '../../store/metadata/blobs.ts';
import type { BlobRow } from '../../store/metadata/scrub.ts';
import type { Scrubbing } from './scrubbing.ts';

/** How the bytes of a blob are. */
export type BytesState = 'whole' | 'bytes-missing' | 'bytes-wrong-size' | 'bytes-wrong';

/**
 * Looks at the bytes of a blob where readers find them.
 *
 * @throws StoreError when they cannot be looked at, which says nothing about them
 */
export async function verifyBytes(scrubbing: Scrubbing, row: BlobRow): Promise<BytesState> {
  return row.inDatabase === 1 ? await verifyContent(scrubbing, row) : await verifyStored(scrubbing, row);
}

async function verifyContent(scrubbing: Scrubbing, row: BlobRow): Promise<BytesState> {
  const { content, tally, pace, hash, signal } = scrubbing;
  const bytes = await blobContent(content.database, row.digest);
  if (bytes === undefined) return 'bytes-missing';
  if (bytes.length !== row.size) return 'bytes-wrong-size';
  tally.readBytes += bytes.length;
  if (hash) scrubbing.task.advance(bytes.length);
  await pace.after(bytes.length, signal);
  const hex = createHash(digestAlgorithm(row.digest)).update(bytes).digest('hex');
  return hex === digestHex(row.digest) ? 'whole' : 'bytes-wrong';
}

async function verifyStored(scrubbing: Scrubbing, row: BlobRow): Promise<BytesState> {
  const { content, tally, pace, hash, signal } = scrubbing;
  if (!hash) {
    const size = await content.blobs.stat(row.digest);
    if (size === undefined) return 'bytes-missing';
    return size === row.size ? 'whole' : 'bytes-wrong-size';
  }
  await using open = await content.blobs.open(row.digest);
  if (open === undefined) return 'bytes-missing';
  if (open.size !== row.size) return 'bytes-wrong-size';
  const running = createHash(digestAlgorithm(row.digest));
  try {
    for await (const chunk of open.read(undefined, signal)) {
      running.update(chunk);
      tally.readBytes += chunk.length;
      scrubbing.task.advance(chunk.length);
      await pace.after(chunk.length, signal);
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    // The bytes stopped before their end.
    if (error.code === 'STORE_DAMAGED') return 'bytes-wrong-size';
    if (error.code === 'CONTENT_MISMATCH') return 'bytes-wrong';
    throw error;
  }
  return running.digest('hex') === digestHex(row.digest) ? 'whole' : 'bytes-wrong';
}
