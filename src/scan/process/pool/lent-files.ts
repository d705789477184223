import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobFile } from '../../../store/blob/blob-store.ts';

/**
 * The folder of one worker, in which files of the image that it scans get further names for the time of the scan, so that it may read these files
 * and no others. What was lent is taken back with the folder.
 */
export class LentFiles {
  readonly #folder: string;
  readonly #lending = new Set<Promise<unknown>>();
  #count = 0;
  #isOver = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path by which the worker reads a file; undefined where it can have none, as when all was taken back. */
  async lend(file: Pick<BlobFile, 'linkTo'>): Promise<string | undefined> {
    if (this.#isOver) return undefined;
    const lending = this.#lend(file);
    this.#lending.add(lending);
    try {
      return await lending;
    } finally {
      this.#lending.delete(lending);
    }
  }

  async #lend(file: Pick<BlobFile, 'linkTo'>): Promise<string | undefined> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(this.#folder, String((this.#count += 1)));
    return (await file.linkTo(path)) ? path : undefined;
  }

  /** Takes all back, and what is about to be lent: what is open stays readable, as files do. Nothing is lent after that. */
  async takeBack(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#lending);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Such as the folders of workers have. */
const folderName = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Removes what killed processes left. Others may still be at work: a worker whose folder is taken away reads on what it has open, and has
 * what follows sent.
 *
 * @param before time of the last change of folders that are left behind, in milliseconds since 1970
 * @param failed is told why one of them stays
 */
export async function removeLeftBehind(
  parent: string,
  before: number,
  failed: (error: unknown) => void,
): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => folderName.test(each))) {
    const folder = join(parent, name);
    const found = await lstat(folder).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < before) await rm(folder, { recursive: true, force: true }).catch(failed);
  }
}
