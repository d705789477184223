import { read } from 'node:fs';
import { promisify } from 'node:util';
import { untilAborted } from '../base/shared-calls.ts';
import { noteRead, untilArrived } from './arrival.ts';
import { OciError } from './error.ts';
import type { FileRange } from './image.ts';

const readAt = promisify(read);

/** Bytes of one read: with a quarter of it, zlib waits for its next piece of work four times as often. */
const chunkBytes = 1_048_576;

/**
 * Streams part of an open file, as it comes where it is still being written. Each chunk is a buffer of its own.
 *
 * @throws OciError LAYER_UNREADABLE when the file ends before the range does, or cannot be read
 */
export async function* streamRange(range: FileRange, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const { arrival } = range;
  let there = arrival === undefined ? range.length : 0;
  for (let at = 0; at < range.length;) {
    signal?.throwIfAborted();
    if (at === there) there = await arrivedOf(range, at, signal);
    const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, there - at));
    const length = await readInto(range.fd, chunk, range.offset + at);
    if (length === 0) throw unreadable('it ends too early');
    yield length === chunk.length ? chunk : chunk.subarray(0, length);
    at += length;
    if (arrival !== undefined) noteRead(arrival, length);
  }
}

/** Waits for more of a range than so many bytes. */
async function arrivedOf({ arrival, length }: FileRange, bytes: number, signal?: AbortSignal): Promise<number> {
  const waited = arrival === undefined ? undefined : untilArrived(arrival, bytes);
  const arrived = await (waited === undefined || signal === undefined ? waited : untilAborted(waited, signal));
  if (arrived === undefined) throw unreadable('what should be in it did not come');
  return Math.min(arrived, length);
}

/** Reads part of an open file whole; throws as {@link streamRange} does. */
export async function readRange(range: FileRange): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(range.length);
  let at = 0;
  while (at < bytes.length) {
    const length = await readInto(range.fd, bytes.subarray(at), range.offset + at);
    if (length === 0) throw unreadable('it ends too early');
    at += length;
  }
  return bytes;
}

async function readInto(fd: number, into: Buffer, position: number): Promise<number> {
  try {
    return (await readAt(fd, into, 0, into.length, position)).bytesRead;
  } catch (error) {
    throw unreadable((error as NodeJS.ErrnoException).code ?? 'it cannot be read', error);
  }
}

function unreadable(why: string, cause?: unknown): OciError {
  return new OciError('LAYER_UNREADABLE', `The image's file cannot be read (${why}); copy it again`, { cause });
}
