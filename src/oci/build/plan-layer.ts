import { BuildError, invalidBuild } from './error.ts';
import { buildLimits } from './limits.ts';
import { impliedDirectory, type PlacedEntry } from './place-entries.ts';

/** What the layers of this build that lie below have at each path. */
export type LayersBelow = ReadonlyMap<string, PlacedEntry['type']>;

/**
 * The entries of one layer in their order: sorted by their paths' UTF-16 units, which no locale changes, so that folders come before
 * what is in them. Of two files in one place the later counts.
 *
 * On an empty image each folder is written. On a base, those that are as usual are not: they may be there already, with another owner
 * or as a link, and whoever unpacks the layer makes the missing ones just so.
 *
 * @param placed in the order of the steps
 * @throws BuildError BUILD_INVALID for a file or link where something else needs a folder, LIMIT_EXCEEDED
 */
export function planLayer(
  placed: readonly PlacedEntry[],
  { below, onBase }: { readonly below: LayersBelow; readonly onBase: boolean },
): readonly PlacedEntry[] {
  const entries = new Map<string, PlacedEntry>();
  for (const entry of placed) {
    const before = entries.get(entry.path);
    if (before !== undefined && (before.type === 'directory') !== (entry.type === 'directory')) {
      throw conflict(entry.path);
    }
    const typeBelow = below.get(entry.path);
    if (typeBelow !== undefined && (typeBelow === 'directory') !== (entry.type === 'directory')) {
      throw conflict(entry.path);
    }
    // A folder that merely holds something leaves one alone that was told how to be.
    if (!(before !== undefined && entry.isPlain)) entries.set(entry.path, entry);
  }
  for (const { path } of placed) addParents(path, entries, below);
  const kept = [...entries.values()].filter((entry) => !entry.isPlain || (!onBase && !below.has(entry.path)));
  let bytes = 0;
  for (const { size } of kept) bytes += size;
  if (kept.length > buildLimits.entries || bytes > buildLimits.layerBytes) {
    throw new BuildError(
      'LIMIT_EXCEEDED',
      `A layer would have ${kept.length} files of ${bytes} bytes, more than are put into one; divide it with layer=NAME`,
    );
  }
  return kept.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function addParents(path: string, entries: Map<string, PlacedEntry>, below: LayersBelow): void {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const parent = path.slice(0, slash);
    const there = entries.get(parent);
    const type = there?.type ?? below.get(parent);
    if (type !== undefined && type !== 'directory') throw conflict(parent);
    // Whoever made it looked at those above.
    if (there !== undefined) return;
    entries.set(parent, impliedDirectory(parent));
  }
}

function conflict(path: string): BuildError {
  return invalidBuild(`/${path} would be a folder and something else at once; put one of them elsewhere`);
}
