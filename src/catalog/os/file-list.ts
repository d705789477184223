import { posix } from 'node:path';
import type { PackageType } from '../../package/package.ts';
import type { CatalogResult } from '../cataloger.ts';
import { cleanText, textLimits } from '../document/text.ts';
import { osLimits } from './limits.ts';
import { pathBudget } from './path-budget.ts';
import type { PathBudget } from './path-budget.ts';

/**
 * Reads `info/NAME[:ARCH].list`: the paths that the package put there, one a line, folders before what they hold.
 *
 * Folders are told by the next line lying in them and left out; an empty one stays, which does no harm.
 */
export function parseFileList(bytes: Buffer, path: string, type: PackageType): CatalogResult {
  const budget = pathBudget(path);
  const paths: string[] = [];
  let previous = '';
  for (const line of linesOf(bytes)) {
    const next = line.startsWith('/') ? line.slice(1) : line;
    if (!isInside(next, previous)) budget.add(paths, previous);
    previous = next;
  }
  // The whole file system, `/.`, is dpkg's first line; a package without files has no other.
  if (previous !== '.') budget.add(paths, previous);
  return toResult({ path, suffix: '.list', type }, paths, budget);
}

/** Reads `NAME[:ARCH].md5sums`: 32 hexadecimal digits, two blanks (or blank and `*`), a path without a leading slash. */
export function parseFileSums(bytes: Buffer, path: string, type: PackageType): CatalogResult {
  const budget = pathBudget(path);
  const paths: string[] = [];
  for (const line of linesOf(bytes)) {
    if (line.charCodeAt(32) !== 0x20) continue;
    const start = line.startsWith('./', 34) ? 36 : line.charCodeAt(34) === 0x2f ? 35 : 34;
    budget.add(paths, line.slice(start));
  }
  return toResult({ path, suffix: '.md5sums', type }, paths, budget);
}

function isInside(path: string, folder: string): boolean {
  return (
    folder === '.' ||
    (path.length > folder.length && path.charCodeAt(folder.length) === 0x2f && path.startsWith(folder))
  );
}

function* linesOf(bytes: Buffer): Generator<string, void, undefined> {
  const text = bytes.toString('utf8');
  // A few lines more than the budget takes, so that it notices; nobody needs the rest.
  for (let start = 0, left = osLimits.ownedPaths + 3; start < text.length && left > 0; left -= 1) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    yield text.slice(start, end);
    start = end + 1;
  }
}

/** A list whose name tells the package. */
interface FileList {
  readonly path: string;
  readonly suffix: string;
  readonly type: PackageType;
}

function toResult(list: FileList, paths: readonly string[], budget: PathBudget): CatalogResult {
  const [first, second] = posix.basename(list.path, list.suffix).split(':', 2);
  const name = cleanText(first, textLimits.name);
  if (name === undefined || paths.length === 0) return { facts: [] };
  const arch = cleanText(second, textLimits.name);
  return {
    facts: [{ kind: 'ownership', type: list.type, name, ...(arch !== undefined && { arch }), paths }],
    problems: budget.problems(),
  };
}
