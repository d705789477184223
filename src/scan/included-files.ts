import { join, posix } from 'node:path';
import type { Problem } from '../base/problem.ts';
import type { SeenReading } from '../catalog/assemble.ts';
import type { Cataloger } from '../catalog/cataloger.ts';
import { FactBudget } from '../catalog/fact-budget.ts';
import { nothingAround, readFile, tooLargeProblem, type FileReading } from '../catalog/file-reading.ts';
import { fileUnreadable } from '../rootfs/directory-reader.ts';
import type { FileTree, TreeNode } from '../rootfs/file-tree.ts';
import { entryKind } from '../rootfs/layer-index.ts';
import { readNoLink } from './read-no-link.ts';

/** Files that others include, in one folder; each is read once. */
const maxIncluded = 1000;

/** What was read of files that others include. */
export interface IncludedFiles {
  readonly readings: readonly SeenReading[];
  readonly problems: readonly Problem[];
}

/**
 * Reads the files that others name, and those that these name. Nothing outside the folder is read.
 *
 * @param readings what was read already
 * @param isLeftOut says that a file is not to be looked at
 */
export async function readIncluded(
  root: string,
  tree: FileTree,
  catalogers: readonly Cataloger[],
  readings: readonly SeenReading[],
  isLeftOut: (path: string) => boolean,
  signal: AbortSignal,
): Promise<IncludedFiles> {
  const found: SeenReading[] = [];
  const problems: Problem[] = [];
  const done = new Set(readings.map(({ path }) => path));
  const budget = new FactBudget();
  const queue = readings.filter(({ reading }) => reading.includes !== undefined);
  for (const { path: from, reading } of queue) {
    for (const { cataloger: id, path: named } of reading.includes ?? []) {
      signal.throwIfAborted();
      const cataloger = catalogers.find((each) => each.id === id);
      const node = lookUp(tree, from, named);
      if (cataloger === undefined || (node !== undefined && (done.has(node.path) || isLeftOut(node.path)))) continue;
      if (node === undefined) {
        problems.push(notThere(from, named));
      } else if (found.length >= maxIncluded || budget.isSpent) {
        problems.push(tooMany(from));
        return { readings: found, problems };
      } else {
        done.add(node.path);
        const read = await readOne(root, node, cataloger);
        if (read === undefined || !budget.take(read)) continue;
        const seen = { path: node.path, reading: read };
        found.push(seen);
        queue.push(seen);
      }
    }
  }
  return { readings: found, problems };
}

/** Undefined for what lies outside, is no file, or is an address. */
function lookUp(tree: FileTree, from: string, named: string): TreeNode | undefined {
  const path = posix.normalize(posix.join(posix.dirname(from), named));
  if (path.startsWith('../') || named.startsWith('/') || named.includes('://') || named.length > 4096) return undefined;
  const node = tree.lookup(path);
  return node?.kind === entryKind.file ? node : undefined;
}

async function readOne(root: string, node: TreeNode, cataloger: Cataloger): Promise<FileReading | undefined> {
  const { path, contentEntry: entry, mode, size } = node;
  if (size > cataloger.maxBytes) return { path, entry, facts: [], problems: [tooLargeProblem(path, size, cataloger)] };
  try {
    return readFile(path, entry, mode, await readNoLink(join(root, path), size), [cataloger], nothingAround);
  } catch (error) {
    return { path, entry, facts: [], problems: [fileUnreadable(path, error)] };
  }
}

function notThere(subject: string, named: string): Problem {
  const message = `It includes ${named.slice(0, 200)}, which is no file below the folder that is looked at, and was not read`;
  return { code: 'INCLUDE_NOT_READ', subject, message };
}

function tooMany(subject: string): Problem {
  const message = `More than ${maxIncluded} files are included, or they name too much; the rest was not read`;
  return { code: 'LIMIT_EXCEEDED', subject, message, incomplete: true };
}
