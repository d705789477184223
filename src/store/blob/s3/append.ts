import type { AppendOptions, UploadState } from '../blob-store.ts';
import { uploadConflict } from '../check-upload.ts';
import { incoming } from '../incoming.ts';
import type { S3Client } from './client.ts';
import { Gathering } from './gathering.ts';
import type { Keys } from './keys.ts';
import { sizeOfObject } from './objects.ts';
import { allPieces, type Pieces, readPieces, restBytes } from './pieces.ts';
import type { Sending } from './sending.ts';

/** Adds bytes to an upload; see `BlobStore.append`. One part is on its way while the next is gathered. */
export async function appendPieces(
  sending: Sending,
  partBytes: number,
  upload: UploadState,
  bytes: AsyncIterable<Uint8Array>,
  options: AppendOptions,
): Promise<UploadState> {
  options.signal?.throwIfAborted();
  const before = readPieces(upload, partBytes);
  await checkKept(sending.client, sending.keys, upload.id, before);
  const gathering = new Gathering(sending, upload.id, before, options.signal);
  try {
    for await (const chunk of incoming(bytes, upload.offset, options)) await gathering.add(chunk);
    const parts = await gathering.finish();
    return { id: upload.id, offset: parts.whole.length * parts.partBytes + restBytes(parts), parts };
  } finally {
    await gathering.settle();
  }
}

/** An upload that is over has no pieces any more: its last one tells. */
async function checkKept(client: S3Client, keys: Keys, id: string, pieces: Pieces): Promise<void> {
  const last = allPieces(pieces).at(-1);
  if (last === undefined) return;
  if ((await sizeOfObject(client, keys.piece(id, last[0]))) !== last[1]) throw uploadConflict(id);
}
