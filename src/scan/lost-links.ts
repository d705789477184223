import type { Problem } from '../base/problem.ts';
import { isPause, type Steps } from '../base/steps.ts';
import type { Dispatch } from '../catalog/dispatch.ts';
import type { FileTree } from '../rootfs/file-tree.ts';

/** Links that are told one by one; of more, how many there are. */
const maxTold = 100;

/**
 * Tells of symlinks that have the name of a lock file and lead to nothing in the folder: what the project is built from may well be said
 * at their end, outside of it.
 *
 * @param isLeftOut says that a file is not to be looked at
 */
export function* findLostLinks(
  tree: FileTree,
  dispatch: Dispatch,
  isLeftOut: (path: string) => boolean,
): Steps<Problem[]> {
  const problems: Problem[] = [];
  let round = 0;
  let more = 0;
  for (const path of tree.lostLinks()) {
    if (isPause((round += 1))) yield;
    if (isLeftOut(path) || !dispatch.select(path).some(({ essential }) => essential === true)) continue;
    if (problems.length === maxTold) more += 1;
    else problems.push(lost(path));
  }
  const [last] = problems.slice(-1);
  if (more > 0 && last !== undefined) {
    const message = `${more} more links like this one lead to nothing in the folder that is looked at, and were not read`;
    problems.push({ code: 'LINK_NOT_READ', subject: last.subject, message, incomplete: true });
  }
  return problems;
}

function lost(subject: string): Problem {
  const message =
    'It is a link to nothing in the folder that is looked at, and was not read; scan a folder that holds both, or name the link itself';
  return { code: 'LINK_NOT_READ', subject, message, incomplete: true };
}
