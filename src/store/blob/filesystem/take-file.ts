import { constants } from 'node:fs';
import type { Digest } from '../../../oci/digest.ts';
import { StoreError } from '../../error.ts';
import type { KeepOptions } from '../blob-store.ts';
import { blobSize } from './commit.ts';
import { systemCode } from './failure.ts';
import { giveBlobPlace } from './fan-out.ts';
import { type FileSystem, syncFolder } from './file-system.ts';
import { newToken, noParent, type Paths } from './paths.ts';

/** A file whose bytes are to be kept. */
export interface GivenFile {
  readonly digest: Digest;
  readonly path: string;
  readonly size: number;
}

/**
 * Keeps the bytes of a file that stays where it is; see `BlobStore.putFile`. A second name is given to it where that can be, so that
 * nothing is copied; the blob appears under its own name by a rename, whole and with its bytes on the disk.
 */
export async function takeFile(
  files: FileSystem,
  paths: Paths,
  { digest, path, size }: GivenFile,
  { replace = false }: KeepOptions,
): Promise<void> {
  const folder = paths.fanOutOf(digest);
  if (!replace && (await blobSize(files, paths, digest)) === size) return await syncFolder(files, folder);
  const own = paths.upload({ id: `put-${newToken()}`, parent: noParent, token: newToken() });
  await linkOrCopy(files, path, own);
  try {
    const file = await files.open(own, 'r+');
    try {
      const found = (await file.stat()).size;
      if (found !== size) {
        const sentence = `a file of ${found} bytes was to be kept where ${size} were announced; give the same again`;
        throw new StoreError('STORE_DAMAGED', sentence);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await giveBlobPlace(files, paths, digest, (place) => files.rename(own, place));
    // Where both names were those of one file already, a rename does nothing and leaves both (POSIX, rename).
    await files.unlink(own).catch(() => undefined);
  } catch (error) {
    await files.unlink(own).catch(() => undefined);
    throw error;
  }
  await syncFolder(files, folder);
}

async function linkOrCopy(files: FileSystem, from: string, to: string): Promise<void> {
  try {
    await files.link(from, to);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw error;
    // Another disk, or a file system without links.
    await files.copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}
