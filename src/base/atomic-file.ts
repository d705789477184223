import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectory } from './make-directory.ts';

/** How to write a file whole. */
export interface AtomicFileOptions {
  /** Also waits for the disk, for what must survive a power cut (a cache need not). */
  readonly durable?: boolean;
  /** Permissions; those of a new file by default. */
  readonly mode?: number;
}

/**
 * Writes a whole file so that readers see either the old bytes or the new ones, and a kill leaves at most a stray
 * `*.tmp` neighbour, never half a file.
 *
 * @param data chunks are written as they come; when they end with an error, nothing is
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array | AsyncIterable<Uint8Array>,
  { durable = false, mode }: AtomicFileOptions = {},
): Promise<void> {
  await makeDirectory(dirname(path));
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(data);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
