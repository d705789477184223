import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';

/** Up to here, a file is read faster than the machinery for streams is loaded. */
const smallBytes = 1_048_576;

/**
 * Reads a file whole, up to one byte more than `maxBytes`: whoever parses it then says that it is too large. A device such
 * as `/dev/zero` never ends by itself.
 *
 * @throws the file system's own errors, the signal's reason
 */
export async function readBounded(path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  return readSmall(path, maxBytes) ?? (await readStream(path, maxBytes, signal));
}

/** Reads a file that keeps no reader waiting; undefined for large ones, pipes and devices. */
function readSmall(path: string, maxBytes: number): Buffer | undefined {
  const size = sizeOf(path);
  // Files of /proc tell no size.
  if (size === 0 || size > smallBytes) return undefined;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(size, maxBytes) + 1);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(file, bytes, length, bytes.length - length, null);
      if (read === 0) return bytes.subarray(0, length);
      length += read;
    }
    // What grew meanwhile is read as a stream.
    return length > maxBytes ? bytes : undefined;
  } finally {
    closeSync(file);
  }
}

/**
 * The size of a regular file, 0 for all else. It is asked by its path: who opens a pipe only to look at it takes what its
 * writer sent from the next reader.
 */
function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    return stats.isFile() ? stats.size : 0;
  } catch {
    // Why it cannot be read, opening it tells.
    return 0;
  }
}

async function readStream(path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: maxBytes, signal })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
