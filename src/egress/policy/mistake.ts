import type { TextPlace } from '../../codec/yaml/text-place.ts';
import type { YamlNode } from '../../codec/yaml/tree.ts';

/** The way to a value: names of members and numbers of entries, from the top of the file. */
export type PolicyPath = readonly (string | number)[];

/** Something that is wrong with a policy, and where. */
export interface PolicyMistake extends TextPlace {
  /** As it is written: `exceptions[0].host`; empty for what is about the file. */
  readonly path: string;
  /** Completes a sentence that begins with the path. Without a full stop. */
  readonly sentence: string;
}

/** `file:line:column: path: sentence`, as compilers write it and editors read it. */
export function formatPolicyMistake(file: string, { line, column, path, sentence }: PolicyMistake): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${sentence}`;
}

/** A mistake at the place of a path: at the last part of it that is there. */
export function mistakeAt(root: YamlNode | undefined, path: PolicyPath, sentence: string): PolicyMistake {
  let place: TextPlace = { line: root?.line ?? 1, column: root?.column ?? 1 };
  let node = root;
  for (const part of path) {
    const entry = node?.kind === 'mapping' ? node.entries.find(({ name }) => name === String(part)) : undefined;
    node = node?.kind === 'sequence' ? node.items[Number(part)] : entry?.value;
    if (node === undefined) break;
    place = entry ?? node;
  }
  const words = path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`));
  return { line: place.line, column: place.column, path: words.join(''), sentence };
}
