import type { FileHandle } from 'node:fs/promises';
import { StoreError } from '../../error.ts';
import type { ByteRange } from '../blob-store.ts';
import type { BufferPool } from '../buffer-pool.ts';
import { checkRange } from '../check-range.ts';
import { maxSingleRead } from './limits.ts';

/**
 * Reads a range of a file with positioned reads, the next one under way while a chunk is used. A chunk is valid until the
 * next is asked for.
 *
 * @throws StoreError STORE_DAMAGED when the file ends before the range, or the signal's reason
 */
export async function* readFileRange(
  file: FileHandle,
  { start, end }: ByteRange,
  pool: BufferPool,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const length = end - start + 1;
  checkRange({ start, end });
  signal?.throwIfAborted();
  if (length <= 0) return;
  if (length <= maxSingleRead) {
    yield await readWhole(file, Buffer.allocUnsafe(length), start);
    return;
  }
  const buffers = [pool.borrow()];
  let pending: Promise<Buffer> | undefined;
  let position = start;

  function readNext(into: Buffer): void {
    const size = Math.min(into.length, end + 1 - position);
    pending = size === 0 ? undefined : readWhole(file, into.subarray(0, size), position);
    // A failure is thrown where it is awaited; until then it must not count as unhandled.
    pending?.catch(() => undefined);
    position += size;
  }

  try {
    readNext(buffers[0] as Buffer);
    for (let at = 1; pending !== undefined; at = 1 - at) {
      const chunk: Buffer = await pending;
      signal?.throwIfAborted();
      if (position <= end && buffers.length === 1) buffers.push(pool.borrow());
      readNext(buffers[at] ?? chunk);
      yield chunk;
    }
  } finally {
    // The system may still be writing into a buffer.
    await pending?.catch(() => undefined);
    for (const buffer of buffers) pool.giveBack(buffer);
  }
}

/** Fills a buffer. */
async function readWhole(file: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) {
      throw new StoreError(
        'STORE_DAMAGED',
        'the file of a blob is shorter than it was; scrub the store or push it again',
      );
    }
    filled += bytesRead;
  }
  return into;
}
