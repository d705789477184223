import { link } from 'node:fs/promises';
import type { BlobFile, ByteRange, OpenBlob } from '../../../store/blob/blob-store.ts';
import type { BufferPool } from '../../../store/blob/buffer-pool.ts';
import { readFileRange } from '../../../store/blob/filesystem/read.ts';
import type { GrowingBlob } from './growing.ts';

/**
 * Opens a blob on its way, for a reader that joined it: chunks are handed over as they come. When what comes is not what it should be,
 * reading ends with an error before the last bytes of the blob.
 *
 * @param stored opens it where it lies when it is whole, for bytes that another machine wrote
 */
export function followBlob(growing: GrowingBlob, pool: BufferPool, stored: () => Promise<OpenBlob>): OpenBlob {
  let left = false;
  return {
    size: growing.size,
    read: (range = { start: 0, end: growing.size - 1 }, signal) => follow(growing, range, pool, stored, signal),
    ...(growing.path === undefined ? {} : { file: growingFile(growing, growing.path, stored) }),
    async [Symbol.asyncDispose]() {
      if (left) return;
      left = true;
      await growing.leave();
    },
  };
}

function growingFile(growing: GrowingBlob, path: string, stored: () => Promise<OpenBlob>): BlobFile {
  return {
    isChecked: growing.isFetchedHere,
    async linkTo(other) {
      try {
        await link(path, other);
        return true;
      } catch {
        if (growing.state !== 'whole') return false;
        // It has left the spool since.
        await using open = await stored().catch(() => undefined);
        return (await open?.file?.linkTo(other)) ?? false;
      }
    },
    async *arrivals(signal) {
      for (let told = 0; told < growing.size;) {
        if (growing.state === 'failed') throw growing.failure;
        const { readable } = growing;
        if (readable > told) yield (told = readable);
        else await growing.change(signal);
      }
    },
  };
}

async function* follow(
  growing: GrowingBlob,
  { start, end }: ByteRange,
  pool: BufferPool,
  stored: () => Promise<OpenBlob>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at <= end;) {
    if (growing.state === 'failed') throw growing.failure;
    const limit = Math.min(growing.readable, end + 1);
    const { handle } = growing;
    if (limit > at && handle !== undefined) {
      yield* readFileRange(handle, { start: at, end: limit - 1 }, pool, signal);
      at = limit;
    } else if (growing.state === 'whole') {
      await using open = await stored();
      yield* open.read({ start: at, end }, signal);
      return;
    } else await growing.change(signal);
  }
}
