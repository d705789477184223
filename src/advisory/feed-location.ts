import { createHash } from 'node:crypto';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AdvisoryError } from './error.ts';
import type { FetchBytes, FetchedBytes } from './fetch-bytes.ts';

/** Where a feed's documents lie: a folder of this machine, or a URL that their paths are appended to. */
export type FeedLocation =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** Reads documents of one {@link FeedLocation} by their relative paths. */
export interface FeedReader {
  /**
   * @param path segments; each is one folder or file name, already checked by its grammar
   * @throws AdvisoryError FEED_UNAVAILABLE, LIMIT_EXCEEDED, or the network's own errors
   */
  read(
    path: readonly string[],
    options: { readonly maxBytes: number; readonly etag?: string },
  ): Promise<FetchedBytes | 'unchanged' | 'missing'>;
  /** For messages. */
  describe(path: readonly string[]): string;
}

/** Tells a URL from a folder. */
export function parseFeedLocation(text: string): FeedLocation {
  if (/^https?:\/\//i.test(text)) return { kind: 'url', url: text.replace(/\/+$/, '') };
  return { kind: 'folder', path: text };
}

/** Opens a location for reading. Nothing is touched before the first `read`. */
export function openFeedLocation(location: FeedLocation, fetchBytes: FetchBytes, signal?: AbortSignal): FeedReader {
  if (location.kind === 'folder') return folderReader(location.path);
  const urlOf = (path: readonly string[]): string => [location.url, ...path.map(encodeURIComponent)].join('/');
  return {
    read: (path, options) => fetchBytes(urlOf(path), { ...options, ...(signal === undefined ? {} : { signal }) }),
    describe: urlOf,
  };
}

/**
 * The sub-folders of a folder that hold a file of this name, sorted: the ecosystems of a mirror of the OSV bucket.
 *
 * @throws AdvisoryError FEED_UNAVAILABLE when the folder cannot be listed
 */
export async function listFoldersWith(folder: string, fileName: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new AdvisoryError('FEED_UNAVAILABLE', `Cannot list ${folder}; check that the folder exists and is readable`, {
      cause: error,
    });
  }
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
    const file = await openIfThere(join(folder, entry.name, fileName));
    if (file === undefined) continue;
    await file.close();
    found.push(entry.name);
  }
  return found.sort();
}

function folderReader(folder: string): FeedReader {
  return {
    async read(path, { maxBytes, etag }) {
      const name = join(folder, ...path);
      const file = await openIfThere(name);
      if (file === undefined) return 'missing';
      try {
        const bytes = await readWhole(file, name, maxBytes);
        // A digest, not the modification time: copying a mirror must not hide a change, nor fake one.
        const found = createHash('sha256').update(bytes).digest('hex');
        return found === etag ? 'unchanged' : { bytes, etag: found };
      } finally {
        await file.close();
      }
    },
    describe: (path) => join(folder, ...path),
  };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AdvisoryError('FEED_UNAVAILABLE', `Cannot open ${path}; check that it is a readable file`, {
      cause: error,
    });
  }
}

async function readWhole(file: FileHandle, name: string, maxBytes: number): Promise<Buffer> {
  const { size } = await file.stat();
  if (size > maxBytes) {
    throw new AdvisoryError(
      'LIMIT_EXCEEDED',
      `${name} has ${size} bytes; no document of a feed may exceed ${maxBytes}`,
    );
  }
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) {
      throw new AdvisoryError('FEED_UNAVAILABLE', `${name} became shorter while it was read; try again`);
    }
    filled += bytesRead;
  }
  return bytes;
}
