import type { Problem } from '../base/problem.ts';
import { isPause, type Steps } from '../base/steps.ts';
import type { SeenReading } from '../catalog/assemble.ts';
import { mayBeExecutable, type Dispatch } from '../catalog/dispatch.ts';
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

/** What {@link findHiddenReadings} found. */
export interface HiddenReadings {
  readonly readings: readonly HiddenReading[];
  readonly problems: readonly Problem[];
}

/** Links are followed for files up to this many; more means that somebody plants them. */
const defaultMaxHidden = 10_000;
/** Bytes of the files that links lead to, each counted as often as it would be read again. */
const maxHiddenBytes = 2 ** 30;
/** Symlinks to one file that are followed for it. */
const maxNames = 16;

/**
 * Finds what the pass over each layer could not see: files wanted under the name of a hard link or symlink, or below a
 * folder that a symlink stands for, or where such a link has put them, when their own path told nobody to read them; and programs that are only left under
 * the name of a hard link.
 *
 * @param subject names the image, for problems
 */
export function* findHiddenReadings(
  tree: FileTree,
  dispatch: Dispatch,
  seen: readonly SeenReading[],
  subject: string,
  maxHidden: number = defaultMaxHidden,
): Steps<HiddenReadings> {
  const search = new Search(tree, dispatch, seen);
  for (const link of tree.links()) {
    // One look-up may take thousands of steps.
    yield;
    if (link !== undefined) search.consider(link.path, link.target);
  }
  for (const { path, folder } of dispatch.rootedPatterns()) {
    const real = tree.lookup(path);
    if (real === undefined || real.path === path) continue;
    if (!folder) {
      search.consider(path, real);
      continue;
    }
    let round = 0;
    for (const child of tree.children(path)) {
      if (isPause((round += 1))) yield;
      search.consider(`${path}/${child.path.slice(child.path.lastIndexOf('/') + 1)}`, child);
    }
  }
  const found = [...search.found.values()];
  const readings = withinBounds(found, maxHidden);
  const problems: Problem[] = [];
  const total = found.length + search.left;
  if (total > readings.length) {
    const message = `The image has ${total} links to files that would be read again; only ${readings.length} were`;
    problems.push({ code: 'TOO_MANY_LINKS', subject, message, incomplete: true });
  }
  if (tree.isExhausted) {
    const message =
      'The image has links to links without end; some were taken for dangling, and what they lead to is not listed';
    problems.push({ code: 'TOO_MANY_LINKS', subject, message, incomplete: true });
  }
  if (tree.unclearPlaces > 0) {
    const message =
      `${tree.unclearPlaces} entries of the image's layers go through links, or take away what is there, in ways in which runtimes differ; ` +
      'what some of them have at another place, or keep, was not read. Rebuild the image, with the real paths of its files, and marks of what is removed before all else';
    problems.push({ code: 'LINKS_UNCLEAR', subject, message, incomplete: true });
  }
  return { readings, problems };
}

function withinBounds(found: readonly (HiddenReading & { readonly size: number })[], max: number): HiddenReading[] {
  let bytes = 0;
  const kept: HiddenReading[] = [];
  for (const { size, ...reading } of found) {
    // What is larger than everybody takes is refused, not read.
    if (size <= maxHiddenBytes) bytes += size;
    if (kept.length >= max || bytes > maxHiddenBytes) break;
    kept.push(reading);
  }
  return kept;
}

class Search {
  readonly found = new Map<string, HiddenReading & { readonly size: number }>();
  readonly #tree: FileTree;
  readonly #dispatch: Dispatch;
  /** Under which path each file was read, by its real one; these differ behind links. */
  readonly #readAs: ReadonlyMap<string, string>;
  /** Where system files stand, from the root. */
  readonly #rooted: ReadonlySet<string>;
  /** Programs without a name of their own that were found by one hard link: the others are not read again. */
  readonly #programs = new Set<string>();
  readonly #names = new Map<string, number>();
  /** Names that were left out. */
  left = 0;

  constructor(tree: FileTree, dispatch: Dispatch, seen: readonly SeenReading[]) {
    this.#tree = tree;
    this.#dispatch = dispatch;
    this.#readAs = new Map(seen.map(({ path, reading }) => [path, reading.path]));
    this.#rooted = new Set([...dispatch.rootedPatterns()].filter(({ folder }) => !folder).map(({ path }) => path));
  }

  consider(path: string, target: TreeNode): void {
    if (target.kind !== entryKind.file || target.size === 0) return;
    const isHardLink = target.path === path;
    const isWanted = this.#dispatch.select(path).length > 0;
    if (isHardLink ? this.#wasRead(path) || !(isWanted || this.#isLostProgram(target)) : !isWanted) return;
    if (!isHardLink && this.#isReadAnyway(path, target.path)) return;
    const { contentLayer: layer, contentEntry: entry, path: realPath, size } = target;
    if (!isHardLink && !this.#takeName(realPath)) return;
    this.found.set(`${realPath}\0${path}`, { layer, entry, path, realPath, size });
  }

  /** Whether a file was read by all who want it where it is. */
  #wasRead(path: string): boolean {
    const as = this.#readAs.get(path);
    if (as === undefined || as === path) return as !== undefined;
    const read = this.#dispatch.select(as);
    return this.#dispatch.select(path).every((cataloger) => read.includes(cataloger));
  }

  /** What is found through a symlink is listed where the file is, so a few of its names tell all that there is to tell. */
  #takeName(realPath: string): boolean {
    const count = (this.#names.get(realPath) ?? 0) + 1;
    this.#names.set(realPath, count);
    if (count > maxNames) this.left += 1;
    return count <= maxNames;
  }

  /** True, once, for what may be a program whose first name is gone: the name under which it was read. */
  #isLostProgram({ path, mode, size, contentLayer, contentEntry }: TreeNode): boolean {
    if (this.#dispatch.executables.length === 0 || !mayBeExecutable(path, mode, size)) return false;
    const content = `${contentLayer}/${contentEntry}`;
    if (this.#tree.isVisible(contentLayer, contentEntry) || this.#programs.has(content)) return false;
    this.#programs.add(content);
    return true;
  }

  /**
   * A symlink's target that the same catalogers read under its own path is not read twice. At the places that system
   * files have, a cataloger takes the file only when it is there, so another place does not count.
   */
  #isReadAnyway(path: string, real: string): boolean {
    if (this.#rooted.has(path) && !this.#rooted.has(real)) return false;
    const own = this.#dispatch.select(real);
    return this.#dispatch.select(path).every((cataloger) => own.includes(cataloger));
  }
}
