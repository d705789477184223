import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What files with suites are called: Kyverno's, and ours. */
export const suiteNames: readonly string[] = ['kyverno-test.yaml', 'seaworthy-test.yaml'];

/** How deep folders are looked into, and how many entries at most. */
const limits = { depth: 32, entries: 200_000 };

/**
 * The suites below some paths, in the order of their names. A file is taken whatever it is called. Links are not followed, since they may
 * lead anywhere and round.
 *
 * @returns paths; or which of those that were named cannot be read, and why
 */
export async function findSuites(
  paths: readonly string[],
): Promise<{ readonly files: readonly string[] } | { readonly path: string; readonly why: string }> {
  const found = new Set<string>();
  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) for (const file of await suitesIn(path)) found.add(file);
      else found.add(path);
    } catch (error) {
      const { code = 'it failed' } = error as NodeJS.ErrnoException;
      return { path, why: code === 'ENOENT' ? 'is not there' : `cannot be read (${code})` };
    }
  }
  return { files: [...found] };
}

async function suitesIn(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  let folders: readonly string[] = [root];
  let left = limits.entries;
  for (let depth = 0; depth < limits.depth && folders.length > 0; depth += 1) {
    const below: string[] = [];
    for (const folder of folders) {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if ((left -= 1) < 0) throw Object.assign(new Error(), { code: 'more than 200000 files' });
        const path = join(folder, entry.name);
        if (entry.isFile() && suiteNames.includes(basename(path))) found.push(path);
        else if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules') below.push(path);
      }
    }
    folders = below;
  }
  return found.sort();
}
