import { randomBytes } from 'node:crypto';
import { lstat, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, normalize, resolve } from 'node:path';
import { readCappedFile } from '../../base/capped-file.ts';
import { makeDirectory } from '../../base/make-directory.ts';
import { EgressError } from '../error.ts';
import type { GeneratedFile } from './target.ts';
import type { VerifiedConfiguration } from './generate.ts';

/** Marks folders that this program made, and lists what it wrote into them, so that nothing else is ever removed. */
const marker = '.seaworthy-egress';
const firstLine = 'Written by "seaworthy egress generate", which replaces these files:';

/** No list of what was written is longer. */
const markerBytes = 1_048_576;

/**
 * Writes configurations below a folder, one folder for each target: all of them, or none. What stands there is put in place by one
 * rename; an older output is replaced whole, so that no file of it is left over. A folder that holds anything else is refused.
 *
 * @throws EgressError EGRESS_OUTPUT_UNWRITABLE
 */
export async function writeOutput(folder: string, configurations: readonly VerifiedConfiguration[]): Promise<void> {
  const target = resolve(folder);
  const staged = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  const old = `${target}.${randomBytes(6).toString('hex')}.old.tmp`;
  let replaced: Written | undefined;
  try {
    replaced = await whatIsReplaced(target, folder);
    const written = configurations.flatMap(({ target: name, files }) => files.map(({ path }) => join(name, path)));
    await writeFileIn(staged, { path: marker, text: `${[firstLine, ...written.toSorted()].join('\n')}\n` });
    for (const { target: name, files } of configurations) {
      for (const file of files) await writeFileIn(join(staged, name), file);
    }
    if (replaced !== undefined) await rename(target, old);
    await rename(staged, target);
  } catch (cause) {
    await rm(staged, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof EgressError) throw cause;
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    const message = `${folder} cannot be written (${code}); name another folder with --output`;
    throw new EgressError('EGRESS_OUTPUT_UNWRITABLE', message, { cause });
  }
  if (replaced !== undefined) await removeWritten(old, replaced);
}

/** What an output holds, relative to its folder. */
interface Written {
  readonly files: ReadonlySet<string>;
  /** Those above the files. */
  readonly folders: ReadonlySet<string>;
}

/** The older output that is in the way, if there is one. Anything else there is not ours to remove. */
async function whatIsReplaced(target: string, folder: string): Promise<Written | undefined> {
  const refuse = (why: string): never => {
    throw new EgressError('EGRESS_OUTPUT_UNWRITABLE', `${folder} ${why}`);
  };
  const status = await lstat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (status === undefined) return undefined;
  // The rename takes the place of an empty folder, and fails where it is not empty any more.
  if (status.isDirectory() && (await readdir(target)).length === 0) return undefined;
  const written = status.isDirectory() ? await readMarker(target) : undefined;
  if (written === undefined) {
    return refuse('is there and was not written by this command; name an empty folder, or one that does not exist yet');
  }
  const foreign = await findForeign(target, written);
  if (foreign === undefined) return written;
  return refuse(`holds ${foreign}, which this command did not write; move it elsewhere, or name another folder`);
}

async function readMarker(target: string): Promise<Written | undefined> {
  const bytes = await readCappedFile(join(target, marker), markerBytes).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const [first, ...lines] = bytes?.toString('utf8').split('\n') ?? [];
  if (first !== firstLine) return undefined;
  const files = new Set([marker]);
  const folders = new Set<string>();
  for (const line of lines) {
    const path = normalize(line);
    // What is not below the folder was written by nobody here.
    if (line === '' || path !== line || path.startsWith('..') || path.startsWith('/')) continue;
    files.add(path);
    for (let above = dirname(path); above !== '.'; above = dirname(above)) folders.add(above);
  }
  return { files, folders };
}

/** The first thing in a folder that is not written by this program. */
async function findForeign(target: string, written: Written): Promise<string | undefined> {
  const pending = ['.'];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of await readdir(join(target, at), { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory() ? !written.folders.has(path) : !written.files.has(path)) return path;
      if (entry.isDirectory()) pending.push(path);
    }
  }
  return undefined;
}

/** Removes what was written, and folders that are empty then: whatever came in between stays. */
async function removeWritten(old: string, { files, folders }: Written): Promise<void> {
  for (const path of files) await rm(join(old, path), { force: true });
  const deepestFirst = [...folders].toSorted((a, b) => b.length - a.length);
  for (const path of [...deepestFirst, '.']) {
    await rmdir(join(old, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
    });
  }
}

async function writeFileIn(folder: string, { path, text, secret, executable }: GeneratedFile): Promise<void> {
  const place = join(folder, path);
  await makeDirectory(dirname(place));
  await using file = await open(place, 'wx', executable === true ? 0o755 : secret === true ? 0o600 : 0o644);
  await file.writeFile(text);
}
