import { kubernetesValue } from '../../codec/yaml/kubernetes-value.ts';
import type { YamlMapping, YamlNode } from '../../codec/yaml/tree.ts';
import { kindOf } from './kind-of.ts';

/** One object of a list, as a document at its place in the whole text. */
export interface ListItem {
  readonly text: string;
  readonly line: number;
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The objects of a list, as `kubectl get -o yaml` and API servers write several (Kubernetes API conventions, "Types (Kinds)"): `List`, or a
 * kind that ends so. Undefined for what is no list.
 *
 * @param text of the document
 * @param above lines before it in the whole text
 */
export function listItems(root: YamlNode, text: string, above: number): readonly ListItem[] | undefined {
  if (root.kind !== 'mapping') return undefined;
  const items = root.entries.find(({ name }) => name === 'items')?.value;
  if (items?.kind !== 'sequence' || !kindOf(kubernetesValue(root)).kind.endsWith('List')) return undefined;
  const lines = text.split('\n');
  return items.items.map((item, at) => {
    const line = above + item.line;
    const end = endOf(root, item, items.items[at + 1], lines.length);
    const own = ownLines(item, lines, end) ?? JSON.stringify(kubernetesValue(item));
    return { text: `${'\n'.repeat(line - 1)}${own}`, line, ...kindOf(kubernetesValue(item)) };
  });
}

/** The line behind an item: where the next one begins, or the next member of the list. */
function endOf({ entries }: YamlMapping, item: YamlNode, next: YamlNode | undefined, all: number): number {
  const further = [next?.line, ...entries.map(({ line }) => line)];
  return Math.min(all + 1, ...further.flatMap((line) => (line !== undefined && line > item.line ? [line] : [])));
}

/** Its lines without the dash, which leaves each part where it stands; undefined where it does not have them for itself, as in JSON. */
function ownLines(item: YamlNode, lines: readonly string[], end: number): string | undefined {
  const first = lines[item.line - 1] ?? '';
  const before = first.slice(0, item.column - 1);
  if (item.kind !== 'mapping' || !/^\s*-\s+$/.test(before) || first[item.column - 1] === '{') return undefined;
  const rest = lines.slice(item.line, end - 1);
  return [' '.repeat(before.length) + first.slice(item.column - 1), ...rest].join('\n');
}
