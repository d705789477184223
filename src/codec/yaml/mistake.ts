import type { TextPlace } from './text-place.ts';
import type { YamlMapping, YamlNode } from './tree.ts';

/** The way to a value: names of members and numbers of entries, from the top of the file. */
export type ConfigPath = readonly (string | number)[];

/** Something that is wrong with a value, before it is known where that stands. */
export interface Finding {
  readonly path: ConfigPath;
  /** Completes a sentence that begins with the path: `is missing`. Without a full stop. */
  readonly sentence: string;
}

/** Something that is wrong with a file, and where. */
export interface ConfigMistake extends TextPlace {
  /** As it is written: `registry.auth.oidc[0].issuer`; empty for what is about the file. */
  readonly path: string;
  readonly sentence: string;
}

/** `file:line:column: path: sentence`, as compilers write it and editors read it. */
export function formatMistake(file: string, { line, column, path, sentence }: ConfigMistake): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${sentence}`;
}

/** Mistakes in the order of the file. */
export function byPlace(a: ConfigMistake, b: ConfigMistake): number {
  return a.line - b.line || a.column - b.column;
}

/** `registry.auth.oidc[0].issuer` */
export function formatPath(path: ConfigPath): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');
}

/** Finds the place of a path: the name's, where it is a member; the last that is there, where something is missing. */
export function placeOf(root: YamlNode | undefined, path: ConfigPath): TextPlace {
  let place: TextPlace = { line: root?.line ?? 1, column: root?.column ?? 1 };
  let node = root;
  for (const part of path) {
    const entry = node?.kind === 'mapping' ? memberOf(node, part) : undefined;
    node = node?.kind === 'sequence' ? node.items[Number(part)] : entry?.value;
    if (node === undefined) break;
    place = entry ?? node;
  }
  return { line: place.line, column: place.column };
}

/** The value at a path, or undefined. */
export function nodeAt(root: YamlNode | undefined, path: ConfigPath): YamlNode | undefined {
  let node = root;
  for (const part of path) {
    if (node?.kind === 'sequence') node = node.items[Number(part)];
    else node = node?.kind === 'mapping' ? memberOf(node, part)?.value : undefined;
  }
  return node;
}

function memberOf(node: YamlMapping, name: string | number): YamlMapping['entries'][number] | undefined {
  return node.entries.find((entry) => entry.name === String(name));
}
