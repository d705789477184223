import { compileGlob } from '../base/glob.ts';

/** Globs of what the user does not want to be looked at; paths in the image without a leading slash. */
export interface SkipRules {
  readonly directories: readonly string[];
  readonly files: readonly string[];
}

/** Nothing is skipped. */
export const skipNothing: SkipRules = { directories: [], files: [] };

/** {@link SkipRules}, ready to be asked about many paths. */
export interface SkipTest {
  /** True for a file that matches a rule, or lies anywhere below a folder that does. */
  readonly file: (path: string) => boolean;
  /** True for a folder that matches a rule, or lies anywhere below one that does. */
  readonly folder: (path: string) => boolean;
}

/**
 * Prepares rules. Each folder is matched once, however many files lie in it.
 *
 * @throws GlobError GLOB_INVALID
 */
export function compileSkipRules({ directories, files }: SkipRules): SkipTest {
  const folderGlobs = directories.map((glob) => compileGlob(plainPath(glob)));
  const fileGlobs = files.map((glob) => compileGlob(plainPath(glob)));
  const known = new Map<string, boolean>();
  const isFolderSkipped = (path: string): boolean => {
    if (folderGlobs.length === 0) return false;
    // From the nearest folder whose answer is known downwards; no recursion, since hostile paths are deep.
    const unknown: string[] = [];
    let skipped = false;
    for (let folder = path; folder !== ''; folder = parentOf(folder)) {
      const answer = known.get(folder);
      if (answer !== undefined) {
        skipped = answer;
        break;
      }
      unknown.push(folder);
    }
    for (const folder of unknown.reverse()) {
      skipped ||= folderGlobs.some((glob) => glob.matches(folder));
      known.set(folder, skipped);
    }
    return skipped;
  };
  return {
    file: (path) => fileGlobs.some((glob) => glob.matches(path)) || isFolderSkipped(parentOf(path)),
    folder: isFolderSkipped,
  };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** As paths in the image are written: `/var//lib/` and `./var/lib` are `var/lib`. */
function plainPath(glob: string): string {
  return glob
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
