import * as fs from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** What a folder is made with. */
export interface MakeDirectoryOptions {
  /** Of each folder that is made. */
  readonly mode?: number;
  /** The system's, by default. */
  readonly mkdir?: (
    folder: string,
    options: { readonly mode?: number; readonly recursive?: boolean },
  ) => Promise<unknown>;
}

/**
 * Makes a folder and those above it that are not there. Node's own way to do so never ends where a folder's parent is there and the system
 * yet says that it is not, as below `/proc` (mkdir(2), ENOENT); this one tries again once.
 *
 * @returns the topmost folder that was made; undefined when all were there
 * @throws the system's error: EEXIST and ENOTDIR for what is no folder
 */
export async function makeDirectory(path: string, options: MakeDirectoryOptions = {}): Promise<string | undefined> {
  const missing: string[] = [];
  let made: string | undefined;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = await tryOne(folder, options);
    if (found !== 'no parent') {
      if (found === 'made') made = folder;
      break;
    }
    if (folder === dirname(folder)) break;
    missing.push(folder);
  }
  for (const folder of missing.reverse()) {
    // Another process may have made it meanwhile. That its parent is missing after all is the system's last word.
    const found = await tryOne(folder, options, true);
    if (found === 'made') made ??= folder;
  }
  return made;
}

async function tryOne(
  folder: string,
  { mkdir = fs.mkdir, ...options }: MakeDirectoryOptions,
  isLast = false,
): Promise<'made' | 'there' | 'no parent'> {
  try {
    await mkdir(folder, options);
    return 'made';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !isLast) return 'no parent';
    // With this flag it only says whether there is a folder, and throws where there is something else.
    if (code === 'EEXIST') await mkdir(folder, { ...options, recursive: true });
    else throw error;
    return 'there';
  }
}
