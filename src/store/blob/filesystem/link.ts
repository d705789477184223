import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { mapBounded } from '../../../base/concurrency.ts';
import type { Digest } from '../../../oci/digest.ts';
import { blobSize } from './commit.ts';
import { isAbsent, storeFailure, systemCode } from './failure.ts';
import { giveBlobPlace } from './fan-out.ts';
import { nodeFileSystem, syncFolder } from './file-system.ts';
import { walkWidth } from './limits.ts';
import { algorithms, fanOut, Paths } from './paths.ts';

/** What came of a link: `impossible` where the two folders are on file systems that have no links between them. */
export type LinkResult = 'linked' | 'absent' | 'impossible';

const impossible: ReadonlySet<string> = new Set([
  'EXDEV',
  'EPERM',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EACCES',
]);

/**
 * Gives a blob of one folder to another one as a hard link, in place of one of another size that is there. Both folders may: a
 * store never writes into a blob, and removes only its own name of it. Call {@link syncBlobFolder} when all are linked.
 *
 * @throws StoreError STORE_UNAVAILABLE, STORE_FULL, STORE_DAMAGED
 */
export async function linkBlobFile(from: string, to: string, digest: Digest): Promise<LinkResult> {
  const [source, target] = [new Paths(from), new Paths(to)];
  try {
    const size = await blobSize(nodeFileSystem, source, digest);
    if (size === undefined) return 'absent';
    for (;;) {
      try {
        await giveBlobPlace(nodeFileSystem, target, digest, (place) => fs.link(source.blob(digest), place));
        return 'linked';
      } catch (error) {
        const code = systemCode(error) ?? '';
        if (code === 'ENOENT') return 'absent';
        if (impossible.has(code)) return 'impossible';
        if (code !== 'EEXIST') throw error;
        if ((await blobSize(nodeFileSystem, target, digest)) === size) return 'linked';
        await fs.rm(target.blob(digest), { force: true });
      }
    }
  } catch (error) {
    throw storeFailure(error, isAbsent(error) ? from : to);
  }
}

/** Waits until the names of all blobs in a folder are on the disk. @throws StoreError STORE_UNAVAILABLE */
export async function syncBlobFolder(folder: string): Promise<void> {
  const { blobs } = new Paths(folder);
  try {
    const folders = algorithms.flatMap((algorithm) => fanOut.map((part) => join(blobs, algorithm, part)));
    // Together: the disk writes down the names of many at once.
    await mapBounded(folders, walkWidth, async (path) => {
      await syncFolder(nodeFileSystem, path).catch((error: unknown) => {
        if (!isAbsent(error)) throw error;
      });
    });
  } catch (error) {
    throw storeFailure(error, folder);
  }
}
