/** What one layer's index may hold before the layer is refused. */
export interface IndexLimits {
  /** Names, those of folders included that paths only imply: one long path implies hundreds. */
  readonly maxEntries: number;
  /** Bytes of all names together. */
  readonly maxNameBytes: number;
  /** Characters of all link targets together. */
  readonly maxLinkBytes: number;
}

/** Far above what real layers hold: three million entries, 60 MB of names. Several layers are read at a time. */
export const defaultIndexLimits: IndexLimits = {
  maxEntries: 10_000_000,
  maxNameBytes: 2 ** 28,
  maxLinkBytes: 2 ** 27,
};

/** Symlinks followed in one look-up before it is given up, as in Linux (path_resolution(7)). */
export const maxSymlinks = 40;

/**
 * Parts of paths and of link targets walked in one tree, all look-ups together. Links to links to long targets make a
 * single look-up cost thousands of steps, and there may be a look-up for every entry; real trees need a few hundred thousand.
 */
export const maxLookupSteps = 10_000_000;

/** Characters of a path, or of a symlink's target, with which Linux still works (PATH_MAX). */
export const maxPathLength = 4096;
