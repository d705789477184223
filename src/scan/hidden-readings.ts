import type { SeenReading } from '../catalog/assemble.ts';
import type { Dispatch } from '../catalog/dispatch.ts';
import { entryKind } from '../rootfs/layer-index.ts';
import type { FileTree, TreeNode } from '../rootfs/file-tree.ts';
import type { WantedEntry } from './layer-analysis.ts';

/** A file that catalogers want under a path which only the whole image's links give it. */
export interface HiddenReading extends WantedEntry {
  /** Index of the layer that holds the bytes. */
  readonly layer: number;
  /** Where the file is seen. */
  readonly realPath: string;
}

/** Links are followed for files up to this many; more means that somebody plants them. */
const maxHidden = 10_000;

/**
 * Finds what the pass over each layer could not see: files wanted under the name of a hard link or symlink, or below a
 * folder that a symlink stands for, when their own path told nobody to read them.
 */
export function findHiddenReadings(tree: FileTree, dispatch: Dispatch, seen: readonly SeenReading[]): HiddenReading[] {
  const read = new Set(seen.map(({ path }) => path));
  const found = new Map<string, HiddenReading>();
  const consider = (path: string, target: TreeNode | undefined): void => {
    if (target === undefined || target.kind !== entryKind.file || target.size === 0 || found.size >= maxHidden) return;
    const chosen = dispatch.select(path);
    if (chosen.length === 0) return;
    const own = dispatch.select(target.path);
    const isHardLink = target.path === path;
    // A symlink's target that the same catalogers read under its own path is not read twice.
    if (!isHardLink && chosen.every((cataloger) => own.includes(cataloger))) return;
    if (isHardLink && read.has(path)) return;
    const key = `${target.path}\0${path}`;
    const { contentLayer: layer, contentEntry: entry, path: realPath } = target;
    found.set(key, { layer, entry, path, realPath });
  };
  for (const { path, target } of tree.links()) consider(path, target);
  for (const { path, folder } of dispatch.rootedPatterns()) {
    if (!folder) {
      const target = tree.lookup(path);
      if (target !== undefined && target.path !== path) consider(path, target);
      continue;
    }
    const real = tree.lookup(path);
    if (real === undefined || real.path === path) continue;
    for (const child of tree.children(path)) {
      consider(`${path}/${child.path.slice(child.path.lastIndexOf('/') + 1)}`, child);
    }
  }
  return [...found.values()];
}
