import { createReadStream } from 'node:fs';

/**
 * Reads a whole file, however its size is announced: devices and pipes that never end are given up at the cap too.
 *
 * @returns undefined when there are more than `most` bytes
 * @throws the system's error when it cannot be read
 */
export async function readCappedFile(path: string, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
