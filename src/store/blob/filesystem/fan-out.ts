import { dirname } from 'node:path';
import type { Digest } from '../../../oci/digest.ts';
import { isAbsent } from './failure.ts';
import { type FileSystem, syncFolder } from './file-system.ts';
import type { Paths } from './paths.ts';

/**
 * Gives a blob its place, and makes the folder of that first when it is not there: those of the algorithm that nearly all blobs
 * have are there from the beginning, so that no push waits for the name of one to reach the disk.
 *
 * @param give puts a file at the path, once or twice
 */
export async function giveBlobPlace<Result>(
  files: FileSystem,
  paths: Paths,
  digest: Digest,
  give: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = paths.blob(digest);
  try {
    return await give(path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    const folder = dirname(path);
    // Undefined when it was there: then something else is missing.
    if ((await files.mkdir(folder, { recursive: true, mode: 0o700 })) === undefined) throw error;
    await syncFolder(files, dirname(folder));
    return await give(path);
  }
}
