import { maxPathLength } from './limits.ts';
import { cleanPath, parentPath } from './path.ts';

/** Links that a runtime follows for one path before it gives the layer up (`errTooManyLinks` of containerd's `continuity/fs`). */
const maxLinks = 255;

/**
 * Where containerd unpacks what lies in a folder of a tar (`archive/tar.go`, which asks `fs.RootPath` of `continuity/fs`). It replaces one link
 * after another in the text of the path, again and again until none is left. What differs from how a kernel walks: a folder that is not
 * there yet is made where a link says that it is, and `..` takes away the part of the text before it, even where that is a link.
 *
 * @param path of a folder, as it stands in the tar or in a hard link
 * @param readLink the target of the symlink that is at a clean path; undefined where something else is, or nothing
 * @returns a clean path without links, '' for the root; undefined for links without end, with which the layer is not unpacked
 */
export function unpackPath(path: string, readLink: (path: string) => string | undefined): string | undefined {
  let left = maxLinks;
  for (let text = path; ;) {
    const before = left;
    if (text.length > maxPathLength) return undefined;
    let at = '';
    for (const [position, part] of text.split('/').entries()) {
      if (part === '' || part === '.') continue;
      const folder = clean(at);
      const name = part === '..' ? parentPath(folder) : join(folder, part);
      const target = name === '' ? undefined : readLink(name);
      if (target === undefined) {
        at = name;
        continue;
      }
      left -= 1;
      if (left < 0 || target.length > maxPathLength) return undefined;
      // As it stands where no text is before it: the next round walks it. Else what goes up takes text away at once.
      at = position === 0 || target.startsWith('/') ? target : clean(join(folder, target));
    }
    if (left === before) return at;
    text = at;
  }
}

function join(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`;
}

function clean(path: string): string {
  return cleanPath(path) ?? '';
}
