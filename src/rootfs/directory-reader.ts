import { closeSync, constants, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../base/problem.ts';
import { errorMessage } from '../base/error.ts';
import type { BodySink } from '../codec/tar/reader.ts';
import { RootfsError } from './error.ts';
import { entryKind, type EntryKind, type LayerIndex } from './layer-index.ts';
import { LayerIndexBuilder } from './layer-index-builder.ts';
import type { FileVisitor } from './layer-reader.ts';

/** Folders at the root that the kernel fills: they are no part of an installed system. */
const kernelFolders: ReadonlySet<string> = new Set(['proc', 'sys', 'dev']);
/** Files between two pauses, in which timers and signals are heard. */
const filesPerTurn = 2000;

/** An unpacked file system, read where it lies. */
export interface DirectoryTree {
  readonly index: LayerIndex;
  readonly problems: readonly Problem[];
}

/**
 * Walks a folder that holds an unpacked file system, without following a link, and offers its files as a layer's
 * reader does. Names that look like whiteouts are ordinary names here.
 *
 * @param descend says no to folders that are not to be walked; they are listed themselves
 * @param isSystem whether the folder may be a running system, whose kernel fills some folders at its root
 * @throws RootfsError DIRECTORY_UNREADABLE when the folder itself cannot be listed; LIMIT_EXCEEDED
 */
export async function readDirectoryTree(
  root: string,
  visit: FileVisitor,
  signal?: AbortSignal,
  descend: (folder: string) => boolean = () => true,
  isSystem: boolean = true,
): Promise<DirectoryTree> {
  const walk = new Walk(root, visit, descend, isSystem);
  for (const done of walk.run()) {
    if (done % filesPerTurn !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  return { index: walk.builder.build(), problems: walk.problems };
}

class Walk {
  readonly builder = new LayerIndexBuilder();
  readonly problems: Problem[] = [];
  readonly #root: string;
  readonly #visit: FileVisitor;
  readonly #descend: (folder: string) => boolean;
  readonly #isSystem: boolean;
  readonly #chunk = Buffer.allocUnsafeSlow(256 * 1024);

  constructor(root: string, visit: FileVisitor, descend: (folder: string) => boolean, isSystem: boolean) {
    this.#root = root;
    this.#isSystem = isSystem;
    this.#visit = visit;
    this.#descend = descend;
  }

  *run(): Generator<number> {
    let done = 0;
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const name of this.#list(folder)) {
        const path = folder === '' ? name : `${folder}/${name}`;
        if (this.#add(path) && this.#descend(path)) folders.push(path);
        done += 1;
        yield done;
      }
    }
  }

  /** Sorted, so that the same files give the same index. */
  #list(folder: string): string[] {
    try {
      const names = readdirSync(join(this.#root, folder)).sort();
      return folder === '' && this.#isSystem ? names.filter((name) => !kernelFolders.has(name)) : names;
    } catch (cause) {
      if (folder === '') {
        const message = `The folder ${this.#root} cannot be listed (${errorMessage(cause)}); name a folder that you can read`;
        throw new RootfsError('DIRECTORY_UNREADABLE', message, { cause });
      }
      this.#reportUnseen(folder, cause);
      return [];
    }
  }

  /** True for a folder, which is then walked too. */
  #add(path: string): boolean {
    const full = join(this.#root, path);
    const status = this.#look(full, path);
    if (status === undefined) return false;
    try {
      const kind = kindOf(status);
      const link = kind === entryKind.symlink ? readlinkSync(full) : undefined;
      const entry = this.builder.add(path, kind, status.mode & 0o7777, status.size, link);
      if (kind === entryKind.file) {
        const sink = this.#visit({ path, mode: status.mode & 0o7777, size: status.size, entry });
        if (sink !== undefined) deliver(full, sink, this.#chunk);
      }
      return kind === entryKind.directory;
    } catch (cause) {
      if (cause instanceof RootfsError) throw cause;
      this.problems.push(fileUnreadable(path, cause));
      return false;
    }
  }

  /** Undefined where it is not known what the path is. */
  #look(full: string, path: string): Stats | undefined {
    try {
      return lstatSync(full);
    } catch (cause) {
      // What is gone since its folder was listed hides nothing.
      if (isGone(cause)) this.problems.push(fileUnreadable(path, cause));
      else this.#reportUnseen(path, cause);
      return undefined;
    }
  }

  /** Anything could lie in what was not looked into, package databases included. */
  #reportUnseen(subject: string, cause: unknown): void {
    const advice = 'run as a user who may read it, or leave it out with --skip-dirs';
    const message = `What lies there is not listed (${errorMessage(cause)}); ${advice}`;
    this.problems.push({ code: 'FOLDER_UNREADABLE', subject, message, incomplete: true });
  }
}

/** The problem of a file that could not be read. */
export function fileUnreadable(subject: string, cause: unknown): Problem {
  return { code: 'FILE_UNREADABLE', subject, message: `The path was not read: ${errorMessage(cause)}` };
}

function isGone(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

function kindOf(status: Stats): EntryKind {
  if (status.isFile()) return entryKind.file;
  if (status.isDirectory()) return entryKind.directory;
  return status.isSymbolicLink() ? entryKind.symlink : entryKind.other;
}

/** The file may have become a link or a FIFO since it was listed: neither is followed nor waited for. */
function deliver(path: string, sink: BodySink, chunk: Buffer): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    for (;;) {
      const taken = readSync(fd, chunk, 0, chunk.length, null);
      if (taken === 0) break;
      if (!sink.data(chunk.subarray(0, taken))) return;
    }
    sink.end();
  } finally {
    closeSync(fd);
  }
}
