import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { ReleaseError } from './error.ts';

/** What a release writes, whole or stopped on its way. */
const written =
  /^(?:seaworthy[-.].+|(?:SHA256SUMS|THIRD-PARTY-NOTICES)(?:\.sigstore\.json)?|findings\.json|github-action-checksums\.txt|\.stage(?:-cache)?|\.work-\w+)$/;

/**
 * Makes the folder for a release empty, of an earlier one alone: whoever names a folder with other things in it means another.
 *
 * @throws ReleaseError when it holds something else, and then all of it is still there
 */
export function emptyFolder(out: string): void {
  const other = namesIn(out).find((name) => !written.test(name));
  if (other !== undefined) {
    throw new ReleaseError('options', `${out} has ${other} in it, which is of no release; name a folder of its own`);
  }
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new ReleaseError('options', `${folder} is no folder that can be read; name another`, { cause: error });
  }
}
