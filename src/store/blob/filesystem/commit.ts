import type { Digest } from '../../../oci/digest.ts';
import type { KeepOptions, UploadState } from '../blob-store.ts';
import { checkUpload } from '../check-upload.ts';
import { StoreError } from '../../error.ts';
import { cutTo, writeWhole } from './append.ts';
import { isAbsent } from './failure.ts';
import { giveBlobPlace } from './fan-out.ts';
import { type FileSystem, syncFolder } from './file-system.ts';
import { newToken, noParent, type Paths } from './paths.ts';
import { claimUpload, failedUpload, filesOf } from './upload-file.ts';

/** Makes an upload a blob; see `BlobStore.commit`. Two waits for the disk: the file's bytes, then its name. */
export async function commitFile(
  files: FileSystem,
  paths: Paths,
  upload: UploadState,
  digest: Digest,
  { replace = false }: KeepOptions,
): Promise<void> {
  const folder = paths.fanOutOf(digest);
  let claimed;
  try {
    claimed = await claimUpload(files, paths, upload);
  } catch (error) {
    // The same commit may have been made before, by a process that was killed or whose answer was lost.
    const isOver = error instanceof StoreError && error.code === 'UPLOAD_CONFLICT';
    if (!isOver || replace || (await blobSize(files, paths, digest)) !== upload.offset) throw error;
    return await syncFolder(files, folder);
  }
  const path = paths.upload(claimed);
  try {
    // One of another size is damaged: this one takes its place.
    const isThere = !replace && (await blobSize(files, paths, digest)) === upload.offset;
    const file = await files.open(path, 'r+');
    try {
      await cutTo(file, upload);
      if (!isThere) await file.sync();
    } finally {
      await file.close();
    }
    if (isThere) await removeFile(files, path);
    else await giveBlobPlace(files, paths, digest, (place) => files.rename(path, place));
  } catch (error) {
    throw await failedUpload(error, files, paths, upload, claimed);
  }
  // Also where the blob was there already: who put it there may still wait for the disk.
  await syncFolder(files, folder);
}

/** Keeps a small blob; see `BlobStore.put`. */
export async function putFile(
  files: FileSystem,
  paths: Paths,
  digest: Digest,
  bytes: Uint8Array,
  { replace = false }: KeepOptions,
): Promise<void> {
  const folder = paths.fanOutOf(digest);
  const isThere = !replace && (await blobSize(files, paths, digest)) === bytes.length;
  if (isThere) return await syncFolder(files, folder);
  const path = paths.upload({ id: `put-${newToken()}`, parent: noParent, token: newToken() });
  const file = await files.open(path, 'wx', 0o600);
  try {
    try {
      await writeWhole(file, bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await giveBlobPlace(files, paths, digest, (place) => files.rename(path, place));
  } catch (error) {
    await files.unlink(path).catch(() => undefined);
    throw error;
  }
  await syncFolder(files, folder);
}

/** The size of a blob's file; undefined when it is not there. */
export async function blobSize(files: FileSystem, paths: Paths, digest: Digest): Promise<number | undefined> {
  try {
    const found = await files.lstat(paths.blob(digest));
    if (found.isFile()) return found.size;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  throw new StoreError('STORE_DAMAGED', `something that is no file lies in the place of ${digest}; remove it`);
}

/** Throws an upload away, whatever its record says of its files; see `BlobStore.abort`. */
export async function abortFile(files: FileSystem, paths: Paths, upload: UploadState): Promise<void> {
  checkUpload(upload);
  for (const name of await filesOf(files, paths, upload.id)) await removeFile(files, paths.upload(name));
}

/** Removes a file; false when it was not there. */
export async function removeFile(files: FileSystem, path: string): Promise<boolean> {
  try {
    await files.unlink(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
