import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** How deep folders are looked into, how many entries they may have, and how many files are read. */
const limits = { depth: 32, entries: 200_000, files: 1000 };

/** Where policies are. */
export interface FoundPolicyFiles {
  /** Paths, each once: of what was named in the order of the names, and of folders in the order of their paths. */
  readonly files: readonly string[];
  /** What was named and cannot be read, with why, to complete a sentence. */
  readonly unreadable: readonly { readonly path: string; readonly why: string }[];
  /** Folders that were named and have no such file. */
  readonly empty: readonly string[];
}

/**
 * Files with policies, the same for every command: those that are named, whatever they are called, and those in folders that are named and
 * in the folders in these, which end as YAML or JSON does. What begins with a dot is passed over, and so are `node_modules`. A link to a
 * file is that file, as in a volume of a ConfigMap; links to folders are not followed, since they may lead anywhere and round.
 */
export async function findPolicyFiles(names: readonly string[], cwd: string): Promise<FoundPolicyFiles> {
  const files = new Set<string>();
  const unreadable: { path: string; why: string }[] = [];
  const empty: string[] = [];
  for (const name of new Set(names)) {
    const path = resolve(cwd, name);
    try {
      const found = (await stat(path)).isDirectory() ? await filesIn(path) : [path];
      if (found.length === 0) empty.push(path);
      for (const file of found) files.add(file);
    } catch (error) {
      unreadable.push({ path, why: whyOf(error) });
    }
    if (files.size > limits.files) {
      unreadable.push({ path, why: `makes it more than ${limits.files} files` });
      break;
    }
  }
  return { files: [...files], unreadable, empty };
}

/** There is more than is read. */
class TooMuch extends Error {}

function whyOf(error: unknown): string {
  if (error instanceof TooMuch) return error.message;
  const { code = 'it failed' } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
}

async function filesIn(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  let folders: readonly string[] = [root];
  let left = limits.entries;
  for (let depth = 0; folders.length > 0; depth += 1) {
    if (depth === limits.depth) throw new TooMuch(`has folders within more than ${limits.depth} others`);
    const below: string[] = [];
    for (const folder of folders) {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if ((left -= 1) < 0) throw new TooMuch(`has more than ${limits.entries} entries`);
        if (entry.name.startsWith('.')) continue;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          if (entry.name !== 'node_modules') below.push(path);
        } else if (/\.(?:ya?ml|json)$/.test(entry.name) && !(entry.isSymbolicLink() && (await isFolder(path)))) {
          found.push(path);
        }
      }
    }
    folders = below;
  }
  return found.sort();
}

/** What a link leads to. One to nothing is no folder: that it cannot be read is told when it is read. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
