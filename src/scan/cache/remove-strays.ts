import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes what killed writers left in a folder of a scan cache, whatever its age. Whoever writes at the same moment loses the entry that it
 * writes, and nothing else: a cache is a help.
 *
 * @returns how many files there were
 */
export async function removeStrays(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const strays = names.filter((name) => name.endsWith('.tmp'));
  for (const name of strays) await rm(join(folder, name), { force: true }).catch(() => undefined);
  return strays.length;
}
