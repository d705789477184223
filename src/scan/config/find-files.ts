import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../base/error.ts';
import type { Problem } from '../../base/problem.ts';
import { ScanError } from '../error.ts';
import type { SkipTest } from '../skip-rules.ts';
import { configScanLimits } from './limits.ts';

/** Folders that hold what others wrote, or no files of their own. */
const neverLookedInto: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/** What there is below a folder. */
export interface FoundFiles {
  /** Below the folder, with `/` between names, in order. */
  readonly paths: readonly string[];
  /** Folders that could not be read. */
  readonly problems: readonly Problem[];
}

/**
 * The regular files below a folder whose names are of interest. Links are not followed: what they lead to is looked at where it lies, or
 * is not below the folder.
 *
 * @throws ScanError TARGET_INVALID for more than may be; the signal's reason
 */
export async function findFiles(
  root: string,
  isWanted: (path: string) => boolean,
  skip: SkipTest,
  signal: AbortSignal,
): Promise<FoundFiles> {
  const paths: string[] = [];
  const problems: Problem[] = [];
  let entries = 0;
  let folders: readonly string[] = [''];
  for (let depth = 0; folders.length > 0; depth += 1) {
    const below: string[] = [];
    for (const folder of folders) {
      signal.throwIfAborted();
      if (depth > configScanLimits.depth) {
        problems.push(unreadable(folder, `it is more than ${configScanLimits.depth} folders deep`));
        continue;
      }
      try {
        for await (const entry of await opendir(join(root, folder))) {
          entries += 1;
          if (entries > configScanLimits.entries) throw tooMuch(root, `${configScanLimits.entries} names`);
          const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
          if (entry.isDirectory()) {
            if (!neverLookedInto.has(entry.name) && !skip.folder(path)) below.push(path);
          } else if (entry.isFile() && isWanted(path) && !skip.file(path)) {
            if (paths.length === configScanLimits.files)
              throw tooMuch(root, `${configScanLimits.files} files of interest`);
            paths.push(path);
          }
        }
      } catch (error) {
        if (error instanceof ScanError) throw error;
        problems.push(unreadable(folder === '' ? root : folder, errorMessage(error)));
      }
    }
    folders = below;
  }
  return { paths: paths.sort((a, b) => (a < b ? -1 : 1)), problems };
}

function unreadable(subject: string, why: string): Problem {
  return { code: 'FOLDER_UNREADABLE', subject, message: `The folder cannot be read (${why}).`, incomplete: true };
}

function tooMuch(root: string, what: string): ScanError {
  return new ScanError(
    'TARGET_INVALID',
    `${root} has more than ${what}; name folders in it, or leave some out with --skip-dirs`,
  );
}
