import { isUtf8 } from 'node:buffer';
import { open, readdir, stat } from 'node:fs/promises';
import { readCappedFile } from '../../base/capped-file.ts';
import { egressLimits } from '../limits.ts';
import type { Finding } from '../endpoint.ts';
import { placeBelow } from './place-below.ts';

/** A file as far as it could be read. */
export type NodeFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  /** It is there, and it cannot be told what it says. */
  | { readonly kind: 'unreadable'; readonly finding: Finding };

/** Names in a folder as far as they could be read. */
export type NodeFolder =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly finding: Finding };

/** What stands at a path. */
export type NodeEntry = 'file' | 'folder' | 'absent' | 'unknown';

/** The files of a node below a root. Paths are absolute on the node; what links lead to stays within the root. */
export interface NodeFiles {
  read(path: string): Promise<NodeFile>;
  /** Sorted by their bytes, as Go sorts them. */
  list(path: string): Promise<NodeFolder>;
  look(path: string): Promise<NodeEntry>;
}

const cutOff = 'leads to what is not below the root that is looked at; look on the node itself';

/** The files below a folder: `/` for this machine. */
export function filesBelow(root: string): NodeFiles {
  return {
    async read(path) {
      try {
        const found = await placeBelow(root, path);
        if (found.kind === 'cut-off') return unreadable(path, cutOff);
        const status = await stat(found.at);
        if (status.isDirectory()) return unreadable(path, 'is a folder');
        // Nobody may ever write into a pipe.
        if (!status.isFile()) return unreadable(path, 'is no regular file');
        const bytes = await readCappedFile(found.at, egressLimits.fileBytes);
        if (bytes === undefined) return unreadable(path, 'is larger than a configuration is');
        return isUtf8(bytes) ? { kind: 'text', text: bytes.toString('utf8') } : unreadable(path, 'is no UTF-8');
      } catch (error) {
        return failed(path, error);
      }
    },
    async list(path) {
      try {
        const found = await placeBelow(root, path);
        if (found.kind === 'cut-off') return unreadable(path, cutOff);
        const names = await readdir(found.at);
        if (names.length > egressLimits.folderEntries) return unreadable(path, 'holds more entries than are looked at');
        return { kind: 'names', names: names.toSorted(byBytes) };
      } catch (error) {
        return failed(path, error);
      }
    },
    async look(path) {
      try {
        const found = await placeBelow(root, path);
        if (found.kind === 'cut-off') return 'unknown';
        return (await stat(found.at)).isDirectory() ? 'folder' : 'file';
      } catch (error) {
        return isAbsent(error) ? 'absent' : 'unknown';
      }
    },
  };
}

/** Files that are held in memory, such as those that were generated and are not written yet. */
export function filesInMemory(files: ReadonlyMap<string, string>): NodeFiles {
  const below = (path: string): string[] => {
    const start = path.endsWith('/') ? path : `${path}/`;
    const names = [...files.keys()].filter((file) => file.startsWith(start)).map((file) => file.slice(start.length));
    return [...new Set(names.map((name) => name.split('/', 1)[0] as string))].toSorted(byBytes);
  };
  const look = (path: string): NodeEntry => {
    if (files.has(path)) return 'file';
    return below(path).length > 0 ? 'folder' : 'absent';
  };
  return {
    read: (path) => {
      const text = files.get(path);
      if (text !== undefined) return Promise.resolve({ kind: 'text', text });
      return Promise.resolve(look(path) === 'folder' ? unreadable(path, 'is a folder') : { kind: 'absent' });
    },
    list: (path) => {
      const names = below(path);
      return Promise.resolve(names.length === 0 ? { kind: 'absent' } : { kind: 'names', names });
    },
    look: (path) => Promise.resolve(look(path)),
  };
}

/** Whether the root is a folder that can be listed. */
export async function isFolder(root: string): Promise<boolean> {
  try {
    // A pipe would be waited for.
    if (!(await stat(root)).isDirectory()) return false;
    await using _folder = await open(root, 'r');
    return true;
  } catch {
    return false;
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function unreadable(path: string, sentence: string): { readonly kind: 'unreadable'; readonly finding: Finding } {
  return { kind: 'unreadable', finding: { code: 'FILE_UNREADABLE', level: 'unknown', file: path, sentence } };
}

function failed(path: string, error: unknown): Exclude<NodeFile, { readonly kind: 'text' }> {
  if (isAbsent(error)) return { kind: 'absent' };
  const { code = 'it failed' } = error as NodeJS.ErrnoException;
  return unreadable(path, `cannot be read (${code})`);
}

/** A file where a folder should be is no entry below it (ENOTDIR). */
function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
