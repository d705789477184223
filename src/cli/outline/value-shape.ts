import type { OptionWords } from '../config/flags.ts';

/** What a value looks like, as far as a shell can help with it. */
export type ValueShape =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly isList: boolean; readonly orFile: boolean }
  | { readonly kind: 'file' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'other' };

/** What stands before a path and says what lies there, as in `oci-dir:./image`. */
export const pathSchemes: readonly string[] = [
  'docker-archive',
  'oci-archive',
  'oci-dir',
  'layout',
  'dir',
  'fs',
  'sbom',
];

/** What values are called that a path may be. */
const fileNames: readonly string[] = 'file files path paths src source target image images tests key'.split(' ');

/**
 * @param name of the value as help writes it, without brackets: `file`, `dir-or-url`
 * @param known the words that it may be
 */
export function shapeOf(name: string, known: OptionWords | undefined): ValueShape {
  // Of `format=file`, the last is the value.
  const parts = (name.toLowerCase().split('=').at(-1) ?? '').split(/[^a-z]+/);
  const has = (...names: readonly string[]): boolean => names.some((one) => parts.includes(one));
  const isFile = has(...fileNames);
  if (known !== undefined) return { kind: 'words', ...known, orFile: isFile };
  if (isFile) return { kind: 'file' };
  return { kind: has('folder', 'folders', 'dir', 'dirs') ? 'folder' : 'other' };
}
