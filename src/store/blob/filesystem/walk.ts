import { join } from 'node:path';
import { mapBounded } from '../../../base/concurrency.ts';
import type { StoredBlob } from '../blob-store.ts';
import { removeFile } from './commit.ts';
import { isAbsent, systemCode } from './failure.ts';
import type { FileSystem } from './file-system.ts';
import { walkWidth } from './limits.ts';
import { algorithms, blobDigest, fanOut, parseUploadName, type Paths } from './paths.ts';

/** All blobs of a folder; see `BlobStore.list`. One folder of names is held at a time. */
export async function* listFiles(
  files: FileSystem,
  paths: Paths,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredBlob, void, undefined> {
  for (const algorithm of algorithms) {
    for (const folder of fanOut) {
      signal?.throwIfAborted();
      const path = join(paths.blobs, algorithm, folder);
      const found = await mapBounded(await namesIn(files, path), walkWidth, async (name) => {
        const digest = blobDigest(algorithm, folder, name);
        if (digest === undefined) return undefined;
        const facts = await factsOf(files, join(path, name));
        return facts === undefined ? undefined : { digest, ...facts };
      });
      for (const blob of found) if (blob !== undefined) yield blob;
    }
  }
}

/** Removes what uploads left behind; see `BlobStore.removeStaleUploads`. */
export async function removeStaleFiles(
  files: FileSystem,
  paths: Paths,
  before: number,
  known: ReadonlySet<string>,
): Promise<number> {
  const removed = new Set<string>();
  await mapBounded(await namesIn(files, paths.uploads), walkWidth, async (name) => {
    const id = parseUploadName(name)?.id;
    if (id === undefined || known.has(id)) return;
    const path = join(paths.uploads, name);
    const facts = await factsOf(files, path);
    if (facts === undefined || facts.modified >= before) return;
    if (await removeFile(files, path)) removed.add(id);
  });
  return removed.size;
}

async function namesIn(files: FileSystem, path: string): Promise<string[]> {
  try {
    return await files.readdir(path);
  } catch (error) {
    // A file in the place of a folder has no blobs; a folder that may not be read is another matter.
    if (isAbsent(error) || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

async function factsOf(
  files: FileSystem,
  path: string,
): Promise<{ readonly size: number; readonly modified: number } | undefined> {
  try {
    const found = await files.lstat(path);
    return found.isFile() ? { size: found.size, modified: found.mtimeMs } : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
