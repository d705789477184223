import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readCappedFile } from '../../base/capped-file.ts';
import { makeDirectory } from '../../base/make-directory.ts';

const keyBytes = 32;

/**
 * The key that verdicts in a file are sealed with, of a file that this user alone reads; made at random where there is none. Of two
 * processes that make it at the same moment, both have the same.
 *
 * @throws the system's error; Error where the file is there and is no key
 */
export async function readFileKey(path: string): Promise<Uint8Array> {
  for (;;) {
    try {
      const found = await readCappedFile(path, keyBytes);
      if (found?.length === keyBytes) return found;
      throw new Error(`${path} is no key of verdicts; remove it, and another is made`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await makeKey(path);
    }
  }
}

async function makeKey(path: string): Promise<void> {
  await makeDirectory(dirname(path), { mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(randomBytes(keyBytes));
      await file.sync();
    } finally {
      await file.close();
    }
    // It gets its name whole, and only where nobody else's has it.
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
