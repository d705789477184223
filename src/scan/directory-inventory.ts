import { readFile as readWholeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../base/progress.ts';
import { assembleInventory, type SeenReading } from '../catalog/assemble.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import { readFile } from '../catalog/file-reading.ts';
import { LayerCataloger } from '../catalog/layer-cataloger.ts';
import { catalogers } from '../catalog/list.ts';
import type { Inventory } from '../package/inventory.ts';
import { readDirectoryTree } from '../rootfs/directory-reader.ts';
import { buildFileTree, type FileTree } from '../rootfs/file-tree.ts';
import { findHiddenReadings } from './hidden-readings.ts';
import { isSkipped, type SkipRules } from './skip-rules.ts';

/** What reading a folder's contents needs. */
export interface DirectoryContext {
  readonly skip: SkipRules;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Lists what is in an unpacked file system: the same as for an image with one layer.
 *
 * @throws RootfsError DIRECTORY_UNREADABLE
 */
export async function readDirectoryInventory(root: string, context: DirectoryContext): Promise<Inventory> {
  const { skip, progress, signal } = context;
  const dispatch = new Dispatch(catalogers);
  const cataloger = new LayerCataloger(dispatch);
  const task = progress.start(`Reading ${root}`);
  try {
    const { index, problems } = await readDirectoryTree(
      root,
      (file) => (isSkipped(file.path, skip) ? undefined : cataloger.visit(file)),
      signal,
    );
    const tree = buildFileTree([index]);
    const found = cataloger.finish();
    const seen: SeenReading[] = found.readings.map((reading) => ({ path: reading.path, reading }));
    seen.push(...(await readHidden(root, tree, dispatch, seen)));
    const kept = seen.filter(({ path }) => !isSkipped(path, skip));
    return assembleInventory(kept, tree, [...problems, ...found.problems]);
  } finally {
    task.finish();
  }
}

async function readHidden(
  root: string,
  tree: FileTree,
  dispatch: Dispatch,
  seen: readonly SeenReading[],
): Promise<SeenReading[]> {
  const found: SeenReading[] = [];
  for (const { entry, path, realPath } of findHiddenReadings(tree, dispatch, seen)) {
    // The real path was walked without following links, so it stays inside the folder.
    const bytes = await readWholeFile(join(root, realPath));
    const chosen = dispatch.select(path).filter(({ maxBytes }) => bytes.length <= maxBytes);
    const reading = readFile(path, entry, 0o644, bytes, chosen, () => undefined);
    if (reading !== undefined) found.push({ path: realPath, reading });
  }
  return found;
}
