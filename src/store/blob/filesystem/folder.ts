import { dirname, join, resolve } from 'node:path';
import { mapBounded } from '../../../base/concurrency.ts';
import { makeDirectory } from '../../../base/make-directory.ts';
import { StoreError } from '../../error.ts';
import { isAbsent, systemCode } from './failure.ts';
import { type FileSystem, syncFolder } from './file-system.ts';
import { checkMarker, damagedMarker, markerText, maxMarkerBytes } from '../marker.ts';
import { walkWidth } from './limits.ts';
import { algorithms, commonAlgorithm, fanOut, newToken, type Paths } from './paths.ts';

/**
 * Makes a folder ready: a marker, written first, that says what the folder is, and the folders that nearly all blobs will
 * lie in, so that no commit has to make one durable. Any number of processes may do so at once.
 *
 * @throws StoreError STORE_SETTING_INVALID when the folder is something else, STORE_TOO_NEW, STORE_DAMAGED
 */
export async function prepareFolder(files: FileSystem, paths: Paths): Promise<void> {
  await makeRoot(files, paths.root);
  if (!(await hasMarker(files, paths))) {
    const entries = (await files.readdir(paths.root)).filter((name) => !isHarmless(name));
    // Another process may have made the folder meanwhile; its marker came before anything else.
    if (entries.length > 0 && !(await hasMarker(files, paths))) throw somethingElse(paths.root);
    await writeMarker(files, paths);
  }
  await makeFolders(files, paths);
}

async function makeRoot(files: FileSystem, root: string): Promise<void> {
  let first: string | undefined;
  try {
    first = await makeDirectory(root, { mode: 0o700, mkdir: files.mkdir });
  } catch (error) {
    if (['EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw somethingElse(root);
    throw error;
  }
  if (first === undefined) return;
  // Each new folder's name is in the folder above it.
  for (let path = resolve(root); path.length >= first.length; path = dirname(path))
    await syncFolder(files, dirname(path));
}

/** What an empty disk has, and what a process left that was killed while it wrote the marker. */
function isHarmless(name: string): boolean {
  return name === 'lost+found' || /^blob-store\.json\.[0-9a-f]{16}\.tmp$/.test(name);
}

async function hasMarker(files: FileSystem, { root, marker }: Paths): Promise<boolean> {
  let text: string;
  try {
    if ((await files.stat(marker)).size > maxMarkerBytes) throw damagedMarker(root);
    text = await files.readFile(marker, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  checkMarker(text, root);
  return true;
}

async function writeMarker(files: FileSystem, { root, marker }: Paths): Promise<void> {
  const temporary = `${marker}.${newToken()}.tmp`;
  const file = await files.open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(markerText);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(temporary, marker);
  await syncFolder(files, root);
}

async function makeFolders(files: FileSystem, { root, blobs, uploads }: Paths): Promise<void> {
  await makeMissing(files, root, ['blobs', 'uploads']);
  await makeMissing(files, blobs, algorithms);
  await makeMissing(files, join(blobs, commonAlgorithm), fanOut);
  await syncFolder(files, uploads);
}

/** Makes the folders that are not there, and waits for the disk when there were any. */
async function makeMissing(files: FileSystem, parent: string, names: readonly string[]): Promise<void> {
  const present = new Set(await files.readdir(parent));
  const missing = names.filter((name) => !present.has(name));
  await mapBounded(missing, walkWidth, (name) => files.mkdir(join(parent, name), { recursive: true, mode: 0o700 }));
  if (missing.length > 0) await syncFolder(files, parent);
}

function somethingElse(root: string): StoreError {
  return new StoreError(
    'STORE_SETTING_INVALID',
    `${JSON.stringify(root)} is not a folder of blobs; name an empty folder, or one that is not there yet`,
  );
}
