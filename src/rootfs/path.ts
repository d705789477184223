/** Matches any path that is not already in its clean form. */
const unclean = /^\/|\/$|\/\/|(?:^|\/)\.{1,2}(?:\/|$)|\0/;

/**
 * The clean form of a path in a tar: no leading or trailing slash, no empty, `.` or `..` parts. The root is ''. A path that leads out of the
 * root ends at it: so containerd unpacks it (`fs.RootPath` in `archive/tar.go`), where Docker and Podman refuse the layer.
 *
 * @returns undefined for a path that holds a NUL, which no runtime takes
 */
export function cleanPath(path: string): string | undefined {
  if (!unclean.test(path)) return path;
  if (path.includes('\0')) return undefined;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else parts.pop();
  }
  return parts.join('/');
}

/**
 * The target of a hard link as the tree wants it: clean, but for parts that go up, which runtimes understand in two ways. '' for one that no
 * path is, which then dangles.
 */
export function keepLinkTarget(target: string): string {
  if (/(?:^|\/)\.\.(?:\/|$)/.test(target) && !target.includes('\0')) return target;
  return cleanPath(target) ?? '';
}

/** Whether a path, as it stands in a tar, leads out of the root. */
export function leadsOut(path: string): boolean {
  if (!path.includes('..')) return false;
  let depth = 0;
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    depth += part === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
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
