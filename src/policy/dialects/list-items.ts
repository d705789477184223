import { kubernetesValue } from '../../codec/yaml/kubernetes-value.ts';
import type { YamlNode } from '../../codec/yaml/tree.ts';
import { kindOf } from '../resource/kind-of.ts';

/** One object of a list, as a document at its place in the whole text. */
export interface ListItem {
  readonly text: string;
  /** Lines before it in the whole text. */
  readonly above: number;
  readonly line: number;
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The objects of a list, as `kubectl get -o yaml` and API servers write several (Kubernetes API conventions, "Types (Kinds)"): `List`, or a
 * kind that ends so. Undefined for what is no list.
 *
 * @param root with places in the whole text
 * @param text of the document
 * @param above lines before it in the whole text
 */
export function listItems(root: YamlNode, text: string, above: number): readonly ListItem[] | undefined {
  if (root.kind !== 'mapping') return undefined;
  const items = root.entries.find(({ name }) => name === 'items')?.value;
  if (items?.kind !== 'sequence' || !kindOf(kubernetesValue(root)).kind.endsWith('List')) return undefined;
  const lines = text.split('\n');
  const members = root.entries.map((entry) => entry.line - above).sort((a, b) => a - b);
  return items.items.map((item, at) => {
    const { line } = item;
    const next = items.items[at + 1];
    const end = endOf(members, line - above, next && next.line - above, lines.length);
    const text = ownLines(item, line - above, lines, end) ?? JSON.stringify(kubernetesValue(item));
    return { text, above: line - 1, line, ...kindOf(kubernetesValue(item)) };
  });
}

/** The line behind an item: where the next one begins, or the next member of the list. */
function endOf(members: readonly number[], line: number, next: number | undefined, all: number): number {
  const further = [next, members.find((each) => each > line)];
  return Math.min(all + 1, ...further.flatMap((each) => (each !== undefined && each > line ? [each] : [])));
}

/** Its lines without the dash, which leaves each part where it stands; undefined where it does not have them for itself, as in JSON. */
function ownLines(item: YamlNode, line: number, lines: readonly string[], end: number): string | undefined {
  const first = lines[line - 1] ?? '';
  const before = first.slice(0, item.column - 1);
  if (item.kind !== 'mapping' || !/^\s*-\s+$/.test(before) || first[item.column - 1] === '{') return undefined;
  const rest = lines.slice(line, end - 1);
  return [' '.repeat(before.length) + first.slice(item.column - 1), ...rest].join('\n');
}
