import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Reads a file at a real path, which was walked without following links; should a link stand there by now, it may lead out of the
 * folder, and is an error.
 *
 * @param size in bytes, no more is read
 */
export async function readNoLink(path: string, size: number): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
