import { randomBytes } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { OciError } from '../error.ts';
import { makeDirectory } from '../../base/make-directory.ts';

/**
 * Writes a stream into a file that has no name: it is unlinked as soon as it is open, so nothing is left behind
 * however the program ends. The caller closes it.
 *
 * @throws OciError LAYER_UNREADABLE when the directory has no room or may not be written, and what `chunks` throws
 */
export async function spoolToFile(directory: string, chunks: AsyncIterable<Uint8Array>): Promise<FileHandle> {
  const file = await openNameless(directory);
  try {
    for await (const chunk of chunks) await write(file, chunk, directory);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openNameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `spool-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await makeDirectory(directory);
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (error) {
    throw unwritable(directory, error);
  }
}

async function write(file: FileHandle, chunk: Uint8Array, directory: string): Promise<void> {
  try {
    let at = 0;
    while (at < chunk.length) at += (await file.write(chunk, at)).bytesWritten;
  } catch (error) {
    throw unwritable(directory, error);
  }
}

function unwritable(directory: string, error: unknown): OciError {
  const why = (error as NodeJS.ErrnoException).code ?? 'unwritable';
  return new OciError(
    'LAYER_UNREADABLE',
    `The image cannot be kept in ${directory} while it is read (${why}); choose another directory or make room`,
    { cause: error },
  );
}
