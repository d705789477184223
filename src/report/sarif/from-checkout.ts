import { isAbsolute, relative, resolve, sep } from 'node:path';

/** What code scanning services call the root of a checkout, in which they take the program to run. */
export const checkout = '%SRCROOT%';

/**
 * What lies below the working folder is named from there, however it was named: code scanning knows files of the checkout by such paths,
 * and looks at no base that a report names (codeql-action, issue 2904).
 *
 * @param named as the user did
 * @param workingFolder absolute
 * @returns the path, `.` for the working folder itself; undefined for what lies elsewhere
 */
export function pathFromCheckout(named: string, workingFolder: string): string | undefined {
  const path = relative(workingFolder, resolve(workingFolder, named));
  return isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`) ? undefined : path || '.';
}
