import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError } from '../config/error.ts';

/** How deep folders are looked into, how many entries they may have, and how many files are read. */
const limits = { depth: 32, entries: 200_000, files: 1000 };

/**
 * Files with policies: those that are named, whatever they are called, and those in folders that are named, by their endings. Links in folders
 * are not followed, since they may lead anywhere and round.
 *
 * @throws ConfigError SETTING_INVALID for what is not there, cannot be read, or is too much
 */
export async function findPolicyFiles(names: readonly string[], cwd: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const name of names) {
    const path = resolve(cwd, name);
    for (const file of await filesAt(path, name)) found.add(file);
    if (found.size > limits.files) {
      throw new ConfigError(
        'SETTING_INVALID',
        `There are more than ${limits.files} files; convert them folder by folder`,
      );
    }
  }
  return [...found];
}

async function filesAt(path: string, name: string): Promise<readonly string[]> {
  try {
    return (await stat(path)).isDirectory() ? await filesIn(path) : [path];
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    throw new ConfigError('SETTING_INVALID', `${name} ${why}; name files, folders, or - for standard input`, { cause });
  }
}

async function filesIn(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  let folders: readonly string[] = [root];
  let left = limits.entries;
  for (let depth = 0; depth < limits.depth && folders.length > 0; depth += 1) {
    const below: string[] = [];
    for (const folder of folders) {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if ((left -= 1) < 0) {
          throw new ConfigError('SETTING_INVALID', `${root} has more than ${limits.entries} files; name folders in it`);
        }
        const path = join(folder, entry.name);
        if (entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name)) found.push(path);
        else if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules') below.push(path);
      }
    }
    folders = below;
  }
  return found.sort();
}
