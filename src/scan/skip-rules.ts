import { posix } from 'node:path';

/** Globs of what the user does not want to be looked at; paths in the image without a leading slash. */
export interface SkipRules {
  readonly directories: readonly string[];
  readonly files: readonly string[];
}

/** Nothing is skipped. */
export const skipNothing: SkipRules = { directories: [], files: [] };

/** True for a file that matches a rule, or lies anywhere below a folder that does. */
export function isSkipped(path: string, { directories, files }: SkipRules): boolean {
  if (files.some((glob) => posix.matchesGlob(path, trimSlashes(glob)))) return true;
  if (directories.length === 0) return false;
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const folder = path.slice(0, slash);
    if (directories.some((glob) => posix.matchesGlob(folder, trimSlashes(glob)))) return true;
  }
  return false;
}

function trimSlashes(glob: string): string {
  return glob.replace(/^\/+|\/+$/g, '');
}
