import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../base/error.ts';
import { BuildError, invalidBuild } from './error.ts';
import { buildLimits } from './limits.ts';
import { checkName, checkPath } from './target-path.ts';

/** A file, folder or link of this machine. */
export interface FoundEntry {
  /** Below what was named, with slashes; empty for that itself. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Permission, set-id and sticky bits. */
  readonly mode: number;
  /** Bytes of a file; 0 for all else. */
  readonly size: number;
  /** Where a link leads, as it is; empty for all else. */
  readonly linkName: string;
  /** True for a folder that has nothing in it. */
  readonly isEmpty: boolean;
  readonly file: FileIdentity;
}

/** Tells whether a file is still the one that was found. */
export interface FileIdentity {
  /** Where it lies on this machine. */
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

/**
 * Lists what was named: a file alone, or a folder with all that is in it, parents before what they hold. What was named may itself be
 * a link, which is followed; links below it are kept as they are, and nothing is read through them.
 *
 * @throws BuildError INPUT_UNREADABLE for what is not there or of another kind (a socket, a device, a pipe), BUILD_INVALID for names that
 * layers cannot hold, LIMIT_EXCEEDED; the signal's reason
 */
export async function readSource(source: string, signal?: AbortSignal): Promise<readonly FoundEntry[]> {
  const root = await look(source, () => stat(source));
  const found: FoundEntry[] = [];
  await addEntry(source, '', root, 0, found, signal);
  return found;
}

async function addEntry(
  path: string,
  below: string,
  status: Stats,
  depth: number,
  found: FoundEntry[],
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  if (found.length >= buildLimits.entries) {
    throw new BuildError(
      'LIMIT_EXCEEDED',
      `There are more than ${buildLimits.entries} files to be added; add fewer, or in layers of their own`,
    );
  }
  const { dev, ino, size, mtimeMs } = status;
  const file = { path, dev, ino, size, mtime: mtimeMs };
  const common = { path: below, mode: status.mode & 0o7777, file };
  if (status.isFile()) {
    found.push({ ...common, type: 'file', size, linkName: '', isEmpty: false });
    return;
  }
  if (status.isSymbolicLink()) {
    const linkName = await look(path, () => readlink(path));
    if (linkName.includes('\uFFFD')) throw invalidBuild(`${path} leads to a name that is not UTF-8; make it anew`);
    checkPath(linkName);
    found.push({ ...common, type: 'symlink', size: 0, linkName, isEmpty: false });
    return;
  }
  if (!status.isDirectory()) {
    throw new BuildError('INPUT_UNREADABLE', `${path} is ${kindOf(status)}, which images do not hold; leave it out`);
  }
  if (depth >= buildLimits.depth) {
    throw new BuildError('LIMIT_EXCEEDED', `${path} lies in more than ${buildLimits.depth} folders; add a part of it`);
  }
  const names = await look(path, () => readdir(path));
  found.push({ ...common, type: 'directory', size: 0, linkName: '', isEmpty: names.length === 0 });
  for (const name of names.sort()) {
    checkName(name);
    const inner = join(path, name);
    const innerStatus = await look(inner, () => lstat(inner));
    await addEntry(inner, below === '' ? name : `${below}/${name}`, innerStatus, depth + 1, found, signal);
  }
}

async function look<Result>(path: string, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `There is no ${path} to be added; check the path, which begins at the working folder`
        : `${path} cannot be read (${code ?? errorMessage(cause)}); check its permissions`;
    throw new BuildError('INPUT_UNREADABLE', message, { cause });
  }
}

function kindOf(status: Stats): string {
  if (status.isSocket()) return 'a socket';
  if (status.isFIFO()) return 'a pipe';
  return status.isBlockDevice() || status.isCharacterDevice() ? 'a device' : 'no file';
}
