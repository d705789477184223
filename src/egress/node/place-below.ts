import { lstat, readlink, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { egressLimits } from '../limits.ts';

/** Where a path of a node leads to. */
export type Place =
  | { readonly kind: 'found'; readonly at: string }
  /** There is a link, and what it leads to is not below the root: on the node it may well be. */
  | { readonly kind: 'cut-off' };

/**
 * Follows a path as a node does whose root this folder is (path_resolution(7)): a link to `/x` leads to `/x` below the root, and nothing
 * leads above it.
 *
 * @throws the system's error where nothing is there, or where links lead in a circle (ELOOP)
 */
export async function placeBelow(root: string, path: string): Promise<Place> {
  const top = await realpath(root);
  // This machine's own root: what is not there is not there.
  if (top === sep) return { kind: 'found', at: await realpath(join(top, path)) };
  const pending = partsOf(path, false);
  let at: string[] = [];
  let links = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part.name === '..') {
      at.pop();
      continue;
    }
    const place = join(top, ...at, part.name);
    const status = await lstat(place).catch((error: NodeJS.ErrnoException) => {
      if (part.isOfLink && error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (status === undefined) return { kind: 'cut-off' };
    if (status.isSymbolicLink()) {
      links += 1;
      if (links > egressLimits.links) throw Object.assign(new Error('Links lead in a circle'), { code: 'ELOOP' });
      const target = await readlink(place);
      if (target.startsWith('/')) at = [];
      pending.unshift(...partsOf(target, true));
    } else at.push(part.name);
  }
  return { kind: 'found', at: join(top, ...at) };
}

interface PathPart {
  readonly name: string;
  readonly isOfLink: boolean;
}

function partsOf(path: string, isOfLink: boolean): PathPart[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return names.map((name) => ({ name, isOfLink }));
}
