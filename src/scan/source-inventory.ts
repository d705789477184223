import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { errorMessage } from '../base/error.ts';
import { lockfileCatalogers, sourceCatalogers } from '../catalog/source-list.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import type { Inventory } from '../package/inventory.ts';
import { readDirectoryInventory, type DirectoryContext, type DirectoryView } from './directory-inventory.ts';
import { ScanError } from './error.ts';
import { ManifestWatch } from './source-manifests.ts';

/** What lies in these was installed, or belongs to the tool that keeps versions; neither is the project's source. */
const passedOver: ReadonlySet<string> = new Set(['node_modules', '.git']);

/** How source code is looked at. */
export interface SourceContext extends DirectoryContext {
  /** List what only development needs, too. */
  readonly includeDevelopment: boolean;
}

/** What lock files say that a project is built from. */
export interface SourceInventory {
  /** The folder that paths of packages start at: what was named, or where a single file lies. */
  readonly folder: string;
  readonly inventory: Inventory;
  /** Packages that were left out since only development needs them. */
  readonly leftOut: number;
}

/**
 * Lists what the lock files below a folder name, or one such file. Projects without lock files are told as problems: what they
 * are built from is not known.
 *
 * @throws ScanError TARGET_INVALID; RootfsError DIRECTORY_UNREADABLE, LIMIT_EXCEEDED; the signal's reason
 */
export async function readSourceInventory(path: string, context: SourceContext): Promise<SourceInventory> {
  const file = await lockFileAt(path);
  const only = file === undefined ? undefined : basename(file);
  const root = file === undefined ? path : dirname(file);
  const manifests = new ManifestWatch();
  const view: DirectoryView = {
    catalogers: sourceCatalogers,
    isSystem: resolve(root) === '/',
    hasOutside: true,
    file: (seen) => {
      if (only !== undefined) return seen === only || isBeside(seen);
      manifests.see(seen);
      return true;
    },
    folder: (folder) => only === undefined && !passedOver.has(folder.slice(folder.lastIndexOf('/') + 1)),
  };
  const read = await readDirectoryInventory(root, context, view);
  const packages = read.packages.filter(({ development }) => context.includeDevelopment || development !== true);
  return {
    folder: root,
    inventory: { ...read, packages, problems: [...read.problems, ...manifests.problems()] },
    leftOut: read.packages.length - packages.length,
  };
}

/** A single file that is to be read, at the end of links: folders are read without following any. Undefined for a folder. */
async function lockFileAt(path: string): Promise<string | undefined> {
  let file: string;
  try {
    if (!(await stat(path)).isFile()) return undefined;
    file = await realpath(path);
  } catch (cause) {
    const message = `The path ${path} cannot be looked at (${errorMessage(cause)}); name a folder or a lock file`;
    throw new ScanError('TARGET_INVALID', message, { cause });
  }
  if (new Dispatch(lockfileCatalogers).select(basename(file)).length > 0) return file;
  const shown = basename(file) === basename(path) ? path : `${path} is a link to ${file}, which`;
  throw new ScanError(
    'TARGET_INVALID',
    `The file ${shown} is no lock file that is read; name its folder, or a lock file by its own name`,
  );
}

/** What a lock file's cataloger looks at too. */
function isBeside(file: string): boolean {
  return lockfileCatalogers.some(({ neighbours }) => neighbours?.includes(file) === true);
}
