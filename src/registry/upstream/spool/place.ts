import { link, readFile, rm, writeFile } from 'node:fs/promises';

/**
 * The name of a folder that processes of one machine share: a random one, kept in a file, so that the folder of another machine at the
 * same path has another.
 *
 * @param path of that file
 */
export async function nameOfPlace(path: string, newId: () => string): Promise<string> {
  const known = await readName(path);
  if (known !== undefined) return known;
  const id = newId();
  const temporary = `${path}.${id}.tmp`;
  await writeFile(temporary, id, { flag: 'wx', mode: 0o600 });
  try {
    // Whole, or not at all, and only where none is there yet.
    await link(temporary, path);
    return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readName(path)) ?? id;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readName(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return /^[0-9a-f-]{36}$/.test(text) ? text : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
