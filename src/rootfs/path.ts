/** Matches any path that is not already in its clean form. */
const unclean = /^\/|\/$|\/\/|(?:^|\/)\.{1,2}(?:\/|$)|\0/;

/**
 * The clean form of a path in a tar: no leading or trailing slash, no empty, `.` or `..` parts. The root is ''.
 *
 * @returns undefined for a path that leaves the root or holds a NUL
 */
export function cleanPath(path: string): string | undefined {
  if (!unclean.test(path)) return path;
  if (path.includes('\0')) return undefined;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** The last part of a clean path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** All but the last part of a clean path; '' for a path directly below the root. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
