/** A name in an archive without `.`, `..` and empty parts; undefined when it leads out of the archive. */
export function normalizePath(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** What a link stands for: a symbolic link starts at its own folder, a hard link at the top of the archive. */
export function linkTarget(name: string, target: string, symbolic: boolean): string | undefined {
  if (!symbolic || target.startsWith('/')) return normalizePath(target);
  return normalizePath(`${name.slice(0, name.lastIndexOf('/') + 1)}${target}`);
}
