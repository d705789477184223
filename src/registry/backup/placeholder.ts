import { access, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nodeFileSystem, syncFolder } from '../../store/blob/filesystem/file-system.ts';
import { BackupError } from './error.ts';
import { makeDirectory } from '../../base/make-directory.ts';

/**
 * Takes the place of a registry's records before anything is restored. It is no database, so that no registry starts from what was
 * restored in part, and it tells which backup it is of, so that the same may go on.
 *
 * @returns whether an earlier restore of the same backup is gone on with
 * @throws BackupError RESTORE_REFUSED when there is a registry, or a restore of another backup
 */
export async function putPlaceholder(file: string, id: string): Promise<'new' | 'again'> {
  const isNew = !(await isThere(file));
  const text = textOf(id);
  if (!isNew) await whoseIs(file, text);
  for (const end of ['-wal', '-shm', '-journal']) {
    // SQLite would take what is in it for changes of the restored records.
    if (await isThere(`${file}${end}`)) throw refused(`${file}${end} is left of another database there; move it away`);
  }
  if (!isNew) return 'again';
  await makeDirectory(dirname(file), { mode: 0o700 });
  try {
    await using made = await open(file, 'wx', 0o600);
    await made.writeFile(text);
    await made.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await whoseIs(file, text);
  }
  await syncFolder(nodeFileSystem, dirname(file));
  return 'new';
}

/** Checks that it is still there: nobody else began a registry meanwhile. @throws BackupError RESTORE_REFUSED */
export async function checkPlaceholder(file: string, id: string): Promise<void> {
  await whoseIs(file, textOf(id));
}

/** Bytes of a placeholder; it is a line. */
const most = 1000;

const begin = 'A restore of a registry was begun and did not end';

function textOf(id: string): string {
  return `${begin}; run "seaworthy registry restore" with the same backup again (${id}).\n`;
}

async function whoseIs(file: string, text: string): Promise<'again'> {
  const { size } = await stat(file);
  const found = size > most ? undefined : await readFile(file, 'utf8');
  if (found === text) return 'again';
  if (found === '') throw refused(`${file} is there already, and empty; remove it, or name another folder with --data`);
  if (found?.startsWith(begin) === true) {
    throw refused('a restore of another backup was begun there; name another folder, or empty it');
  }
  throw refused(`${file} is there already; name another folder with --data, or move the registry away`);
}

function refused(why: string): BackupError {
  return new BackupError('RESTORE_REFUSED', `Nothing was restored: ${why}`);
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
