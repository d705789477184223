import * as fs from 'node:fs/promises';

/** The functions of the file system that this driver uses, so that tests see each of them, or stop at it. */
export type FileSystem = Pick<
  typeof fs,
  'copyFile' | 'link' | 'lstat' | 'mkdir' | 'open' | 'readFile' | 'readdir' | 'rename' | 'stat' | 'unlink'
>;

/** The machine's own. */
export const nodeFileSystem: FileSystem = fs;

/** Waits until the names in a folder are on the disk. */
export async function syncFolder(files: FileSystem, path: string): Promise<void> {
  // Windows writes names through, and gives no handle of a folder.
  if (process.platform === 'win32') return;
  const folder = await files.open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
