import { join } from 'node:path';
import type { Problem } from '../base/problem.ts';
import type { Progress } from '../base/progress.ts';
import { paceSteps } from '../base/steps.ts';
import { readAlias, refuseAlias, wantedBytes, type AliasedFile } from '../catalog/alias-reading.ts';
import { assembleInventory, type SeenReading } from '../catalog/assemble.ts';
import type { Cataloger } from '../catalog/cataloger.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import type { FileReading } from '../catalog/file-reading.ts';
import { LayerCataloger } from '../catalog/layer-cataloger.ts';
import { catalogers } from '../catalog/list.ts';
import type { Inventory } from '../package/inventory.ts';
import { fileUnreadable, readDirectoryTree } from '../rootfs/directory-reader.ts';
import { FileTree } from '../rootfs/file-tree.ts';
import { findHiddenReadings, type HiddenReading } from './hidden-readings.ts';
import { readIncluded } from './included-files.ts';
import { findLostLinks } from './lost-links.ts';
import { readNoLink } from './read-no-link.ts';
import { compileSkipRules, type SkipRules } from './skip-rules.ts';

/** What reading a folder's contents needs. */
export interface DirectoryContext {
  readonly skip: SkipRules;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What of a folder is looked at, besides what a user skips. */
export interface DirectoryView {
  readonly catalogers: readonly Cataloger[];
  /** The folder may be a running system, whose kernel fills some folders at its root. */
  readonly isSystem: boolean;
  /** Whether a link that has the name of an essential file and leads nowhere in the folder may lead to it elsewhere. */
  readonly hasOutside: boolean;
  readonly file: (path: string) => boolean;
  readonly folder: (path: string) => boolean;
}

/** What is installed below the folder. */
const installed: DirectoryView = {
  catalogers,
  isSystem: true,
  hasOutside: false,
  file: () => true,
  folder: () => true,
};

/**
 * Lists what is in an unpacked file system: the same as for an image with one layer.
 *
 * @throws RootfsError DIRECTORY_UNREADABLE, LIMIT_EXCEEDED; the signal's reason
 */
export async function readDirectoryInventory(
  root: string,
  context: DirectoryContext,
  view: DirectoryView = installed,
): Promise<Inventory> {
  const { progress, signal } = context;
  const skip = compileSkipRules(context.skip);
  const isLeftOut = (path: string): boolean => skip.file(path) || !view.file(path);
  const dispatch = new Dispatch(view.catalogers);
  const cataloger = new LayerCataloger(dispatch);
  const task = progress.start(`Reading ${root}`);
  try {
    const { index, problems } = await readDirectoryTree(
      root,
      (file) => (isLeftOut(file.path) ? undefined : cataloger.visit(file)),
      signal,
      (folder) => !skip.folder(folder) && view.folder(folder),
      view.isSystem,
    );
    const tree = new FileTree();
    await paceSteps(tree.applyInSteps(index), signal);
    const named: SeenReading[] = cataloger.finish().map((reading) => ({ path: reading.path, reading }));
    const hidden = await paceSteps(findHiddenReadings(tree, dispatch, named, root), signal);
    const lost = view.hasOutside ? await paceSteps(findLostLinks(tree, dispatch, isLeftOut), signal) : [];
    const followed = await readHidden(root, tree, dispatch, hidden.readings, signal);
    const seen = [...named, ...followed].filter(({ path }) => !isLeftOut(path));
    const included = await readIncluded(root, tree, view.catalogers, seen, skip.file, signal);
    const kept = [...seen, ...included.readings];
    const unread = problems.map((problem) => (isEssential(problem.subject, dispatch) ? incomplete(problem) : problem));
    const left = [...unread, ...cataloger.problems(root), ...hidden.problems, ...lost, ...included.problems];
    return await paceSteps(assembleInventory(kept, tree, left), signal);
  } finally {
    task.finish();
  }
}

async function readHidden(
  root: string,
  tree: FileTree,
  dispatch: Dispatch,
  hidden: readonly HiddenReading[],
  signal: AbortSignal,
): Promise<SeenReading[]> {
  const found: SeenReading[] = [];
  for (const { entry, path, realPath } of hidden) {
    signal.throwIfAborted();
    const node = tree.lookup(realPath);
    if (node === undefined) continue;
    const reading = await readOne(root, realPath, dispatch, { path, entry, mode: node.mode, size: node.size });
    if (reading !== undefined) found.push({ path: realPath, reading });
  }
  return found;
}

async function readOne(
  root: string,
  realPath: string,
  dispatch: Dispatch,
  file: AliasedFile,
): Promise<FileReading | undefined> {
  if (file.size > wantedBytes(dispatch, file)) return refuseAlias(dispatch, file);
  try {
    return readAlias(dispatch, file, await readNoLink(join(root, realPath), file.size));
  } catch (error) {
    const { path, entry } = file;
    const problem = fileUnreadable(path, error);
    return { path, entry, facts: [], problems: [isEssential(path, dispatch) ? incomplete(problem) : problem] };
  }
}

function isEssential(path: string, dispatch: Dispatch): boolean {
  return dispatch.select(path).some((cataloger) => cataloger.essential === true);
}

function incomplete(problem: Problem): Problem {
  return { ...problem, incomplete: true };
}
