import type { RpmHeader } from '../../../codec/rpm-database/header.ts';
import type { PathBudget } from '../path-budget.ts';
import { rpmTag } from './tags.ts';

const typeBits = 0o170_000;
const folderType = 0o040_000;

/** The files that a package owns, without a leading slash; folders are left out. */
export function ownedPaths(header: RpmHeader, budget: PathBudget): string[] {
  const paths: string[] = [];
  const modes = header.numbers(rpmTag.fileModes);
  const baseNames = header.strings(rpmTag.baseNames);
  if (baseNames.length === 0) {
    for (const [index, path] of header.strings(rpmTag.oldFileNames).entries()) {
      if (isFolder(modes[index])) continue;
      budget.add(paths, path.startsWith('/') ? path.slice(1) : path);
    }
    return paths;
  }
  const folders = header.strings(rpmTag.directoryNames).map((name) => (name.startsWith('/') ? name.slice(1) : name));
  const indexes = header.numbers(rpmTag.directoryIndexes);
  for (const [index, baseName] of baseNames.entries()) {
    const folder = folders[indexes[index] ?? -1];
    if (folder === undefined || isFolder(modes[index])) continue;
    budget.add(paths, folder + baseName);
  }
  return paths;
}

function isFolder(mode: number | undefined): boolean {
  return mode !== undefined && (mode & typeBits) === folderType;
}
