import type { OptionWords } from '../config/flags.ts';

/** What a value looks like, as far as a shell can help with it. */
export type ValueShape =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly isList: boolean; readonly orFile: boolean }
  | { readonly kind: 'file' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'other' };

/**
 * @param name of the value as help writes it, without brackets: `file`, `dir-or-url`
 * @param known the words that it may be
 */
export function shapeOf(name: string, known: OptionWords | undefined): ValueShape {
  const parts = name.toLowerCase().split(/[^a-z]+/);
  const has = (...names: readonly string[]): boolean => names.some((one) => parts.includes(one));
  const isFile = has('file', 'files', 'source', 'target', 'image', 'images', 'tests', 'key');
  if (known !== undefined) return { kind: 'words', ...known, orFile: isFile };
  if (isFile) return { kind: 'file' };
  return { kind: has('folder', 'folders', 'dir', 'dirs') ? 'folder' : 'other' };
}
