import type { FileHandle } from 'node:fs/promises';
import type { AppendOptions, UploadState } from '../blob-store.ts';
import type { BufferPool } from '../buffer-pool.ts';
import { uploadConflict } from '../check-upload.ts';
import { incoming } from '../incoming.ts';
import type { FileSystem } from './file-system.ts';
import type { Paths } from './paths.ts';
import { claimUpload, failedUpload, recordOf } from './upload-file.ts';

/** Adds bytes to the file of an upload; see `BlobStore.append`. */
export async function appendToFile(
  files: FileSystem,
  paths: Paths,
  pool: BufferPool,
  upload: UploadState,
  bytes: AsyncIterable<Uint8Array>,
  options: AppendOptions,
): Promise<UploadState> {
  options.signal?.throwIfAborted();
  const claimed = await claimUpload(files, paths, upload);
  try {
    const file = await files.open(paths.upload(claimed), 'r+');
    try {
      await cutTo(file, upload);
      const chunks = incoming(bytes, upload.offset, options);
      const offset = await writeAll(file, upload.offset, chunks, pool).catch(async (error: unknown) => {
        // What came is for nobody, and nobody counts the room that it takes.
        await file.truncate(upload.offset).catch(() => undefined);
        throw error;
      });
      return { id: upload.id, offset, parts: recordOf(claimed) };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw await failedUpload(error, files, paths, upload, claimed);
  }
}

/** Cuts off what an append wrote that did not come to its end. @throws StoreError UPLOAD_CONFLICT */
export async function cutTo(file: FileHandle, { id, offset }: UploadState): Promise<void> {
  const { size } = await file.stat();
  if (size < offset) throw uploadConflict(id);
  if (size > offset) await file.truncate(offset);
}

/** Fills one buffer while the other is on its way to the disk. Chunks are copied: their memory may be used again. */
async function writeAll(
  file: FileHandle,
  offset: number,
  chunks: AsyncIterable<Uint8Array>,
  pool: BufferPool,
): Promise<number> {
  let filling = pool.borrow();
  let writing: Buffer | undefined;
  let pending: Promise<void> = Promise.resolve();
  let filled = 0;
  let position = offset;

  async function flush(): Promise<void> {
    await pending;
    const full = filling.subarray(0, filled);
    const spare = writing ?? (filled === filling.length ? pool.borrow() : undefined);
    writing = filling;
    pending = writeWhole(file, full, position);
    // A failure is thrown where it is awaited; until then it must not count as unhandled.
    pending.catch(() => undefined);
    position += filled;
    filled = 0;
    if (spare !== undefined) filling = spare;
  }

  try {
    for await (const chunk of chunks) {
      let taken = 0;
      while (taken < chunk.length) {
        const part = chunk.subarray(taken, taken + filling.length - filled);
        filling.set(part, filled);
        filled += part.length;
        taken += part.length;
        if (filled === filling.length) await flush();
      }
    }
    if (filled > 0) await flush();
    await pending;
    return position;
  } finally {
    await pending.catch(() => undefined);
    pool.giveBack(filling);
    if (writing !== undefined && writing !== filling) pool.giveBack(writing);
  }
}

/** Writes all of a buffer: the system may take less at a time. */
export async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
