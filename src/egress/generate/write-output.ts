import { randomBytes } from 'node:crypto';
import { lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EgressError } from '../error.ts';
import type { GeneratedFile } from './target.ts';
import type { VerifiedConfiguration } from './generate.ts';
import { makeDirectory } from '../../base/make-directory.ts';

/** Marks folders that this program made, and may make anew. */
const marker = '.seaworthy-egress';

/**
 * Writes configurations below a folder, one folder for each target: all of them, or none. What stands there is put in place by one
 * rename; an older output is replaced whole, so that no file of it is left over, and anything else is left alone.
 *
 * @throws EgressError EGRESS_OUTPUT_UNWRITABLE
 */
export async function writeOutput(folder: string, configurations: readonly VerifiedConfiguration[]): Promise<void> {
  const target = resolve(folder);
  const staged = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  const old = `${target}.${randomBytes(6).toString('hex')}.old.tmp`;
  try {
    const replaces = await mayReplace(target, folder);
    await writeFileIn(staged, {
      path: marker,
      text: 'Written by "seaworthy egress generate", which replaces this folder.\n',
    });
    for (const { target: name, files } of configurations) {
      for (const file of files) await writeFileIn(join(staged, name), file);
    }
    if (replaces) await rename(target, old);
    await rename(staged, target);
  } catch (cause) {
    await rm(staged, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof EgressError) throw cause;
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    const message = `${folder} cannot be written (${code}); name another folder with --output`;
    throw new EgressError('EGRESS_OUTPUT_UNWRITABLE', message, { cause });
  }
  await rm(old, { recursive: true, force: true });
}

/** Whether there is an older output in the way. Anything else there is not ours to remove. */
async function mayReplace(target: string, folder: string): Promise<boolean> {
  const status = await lstat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (status === undefined) return false;
  const own =
    status.isDirectory() &&
    (await readFile(join(target, marker)).then(
      () => true,
      () => false,
    ));
  if (own) return true;
  // The rename takes the place of an empty folder, and fails where it is not empty any more.
  if (status.isDirectory() && (await readdir(target)).length === 0) return false;
  const message = `${folder} is there and was not written by this command; name an empty folder, or one that does not exist yet`;
  throw new EgressError('EGRESS_OUTPUT_UNWRITABLE', message);
}

async function writeFileIn(folder: string, { path, text, secret, executable }: GeneratedFile): Promise<void> {
  const place = join(folder, path);
  await makeDirectory(dirname(place));
  await using file = await open(place, 'wx', executable === true ? 0o755 : secret === true ? 0o600 : 0o644);
  await file.writeFile(text);
}
