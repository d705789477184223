import { constants } from 'node:fs';
import { checkUpload, damagedUpload, uploadConflict } from '../check-upload.ts';
import type { UploadState } from '../blob-store.ts';
import { isAbsent } from './failure.ts';
import type { FileSystem } from './file-system.ts';
import { newToken, noParent, parseUploadName, type Paths, type UploadName } from './paths.ts';

/** The file that a record names; undefined before the first append. @throws StoreError STORE_DAMAGED */
export function recordedFile(upload: UploadState): UploadName | undefined {
  checkUpload(upload);
  const { id, offset, parts } = upload;
  if (parts === undefined && offset === 0) return undefined;
  const name = typeof parts === 'string' ? parseUploadName(`${id}.${parts}`) : undefined;
  if (name === undefined) throw damagedUpload(id);
  return name;
}

/** What a record keeps of a file's name. */
export function recordOf({ parent, token }: UploadName): string {
  return `${parent}.${token}`;
}

/**
 * Takes a file of an upload for one writer alone, with at least the bytes of the record in it. Two that go on from the same
 * record never write to one file: the first renames it, the second finds it under its new name and copies the bytes that the
 * record speaks of, as it does after a kill. So a record always means the bytes that were hashed for it.
 *
 * @throws StoreError UPLOAD_CONFLICT when the bytes are not there
 */
export async function claimUpload(files: FileSystem, paths: Paths, upload: UploadState): Promise<UploadName> {
  const recorded = recordedFile(upload);
  const claimed: UploadName = { id: upload.id, parent: recorded?.token ?? noParent, token: newToken() };
  const path = paths.upload(claimed);
  if (recorded === undefined) {
    await (await files.open(path, 'wx', 0o600)).close();
    return claimed;
  }
  try {
    await files.rename(paths.upload(recorded), path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    await copyChild(files, paths, upload, recorded, path);
  }
  return claimed;
}

/**
 * Gives a file back to its record after a failure, so that the record stays usable, and gives the error to be thrown: that the
 * upload is over when it was thrown away meanwhile.
 */
export async function failedUpload(
  error: unknown,
  files: FileSystem,
  paths: Paths,
  upload: UploadState,
  claimed: UploadName,
): Promise<unknown> {
  const recorded = recordedFile(upload);
  try {
    if (recorded === undefined) await files.unlink(paths.upload(claimed));
    else await files.rename(paths.upload(claimed), paths.upload(recorded));
  } catch (failure) {
    if (isAbsent(error) && isAbsent(failure)) return uploadConflict(upload.id);
    // It is found by its parent's token, or removed with what is stale: the failure before this one counts.
  }
  return error;
}

/** A file that starts with the bytes of the record: the one it names, or one that an append made of it. */
export async function findUpload(
  files: FileSystem,
  paths: Paths,
  upload: UploadState,
  recorded: UploadName,
): Promise<string> {
  const names = [
    recorded,
    ...(await filesOf(files, paths, upload.id)).filter(({ parent }) => parent === recorded.token),
  ];
  for (const name of names) {
    const path = paths.upload(name);
    try {
      if ((await files.stat(path)).size >= upload.offset) return path;
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  throw uploadConflict(upload.id);
}

/** All files that an upload has at the moment. */
export async function filesOf(files: FileSystem, paths: Paths, id: string): Promise<UploadName[]> {
  const names = await files.readdir(paths.uploads);
  return names.map(parseUploadName).filter((name): name is UploadName => name?.id === id);
}

async function copyChild(
  files: FileSystem,
  paths: Paths,
  upload: UploadState,
  recorded: UploadName,
  path: string,
): Promise<void> {
  const from = await findUpload(files, paths, upload, recorded);
  try {
    await files.copyFile(from, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    if (isAbsent(error)) throw uploadConflict(upload.id);
    throw error;
  }
}
