import type { TarEntry } from '../codec/tar/reader.ts';
import { baseName, cleanPath } from './path.ts';

/**
 * Extended attributes by which overlayfs and fuse-overlayfs tell what a file stands for: containers/storage and Docker set them as they come,
 * containerd leaves `trusted.` out.
 */
const overlayAttribute =
  /^(?:trusted\.overlay|user\.overlay|(?:user|trusted|security)\.fuseoverlayfs|user\.containers\.override_stat)(?:\.|$)/;
/** A whiteout of the folder that it lies in, or of the one above: some remove that folder. */
const nameless = /^\.wh\.\.{0,2}$/;
/** What is below such a folder at the root is left out by those who unpack into one folder. */
const markedFolder = /(?:^|\/)\.wh\.[^/]*\//;
/** Where aufs kept files with several names. Some give a hard link to it the bytes of whatever has its last name in there. */
const linkFolder = '.wh..wh.plnk';

/** Whether an extended attribute makes a file stand for something else, where a kernel or a file system reads it. */
export function isOverlayAttribute(name: string): boolean {
  return overlayAttribute.test(name);
}

/**
 * Whether an entry of a layer is a mark that runtimes do not all understand, or understand in different ways.
 *
 * @param path its clean path
 */
export function isUnclearMark(entry: TarEntry, path: string): boolean {
  if (entry.attributes.some(isOverlayAttribute)) return true;
  if (entry.type === 'hardlink' && cleanPath(entry.linkName)?.startsWith(linkFolder) === true) return true;
  if (!path.includes('.wh.')) return false;
  const name = baseName(path);
  return nameless.test(name) || markedFolder.test(path) || (entry.type === 'globalHeader' && name.startsWith('.wh.'));
}
