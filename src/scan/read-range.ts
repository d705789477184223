import { read } from 'node:fs';
import { OciError } from '../oci/error.ts';
import type { FileRange } from '../oci/image.ts';

const chunkSize = 256 * 1024;
/** A chunk may still be in zlib's hands when the next one is read. */
const bufferCount = 4;

/**
 * Reads a part of an open file through a few reused buffers: a chunk is valid until three more were taken.
 *
 * @throws OciError LAYER_UNREADABLE
 */
export async function* readRange(range: FileRange, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const buffers = Array.from({ length: bufferCount }, () => Buffer.allocUnsafeSlow(chunkSize));
  let done = 0;
  for (let turn = 0; done < range.length; turn += 1) {
    signal?.throwIfAborted();
    const buffer = buffers[turn % bufferCount] as Buffer;
    const length = Math.min(chunkSize, range.length - done);
    const taken = await readAt(range.fd, buffer, length, range.offset + done);
    if (taken === 0) return;
    done += taken;
    yield buffer.subarray(0, taken);
  }
}

function readAt(fd: number, buffer: Buffer, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, length, position, (cause, taken) => {
      if (cause === null) resolve(taken);
      else reject(new OciError('LAYER_UNREADABLE', `A layer's file cannot be read: ${cause.message}`, { cause }));
    });
  });
}
