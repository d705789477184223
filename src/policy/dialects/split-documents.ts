import { kubernetesValue } from '../../codec/yaml/kubernetes-value.ts';
import { parseYamlDocuments } from '../../codec/yaml/tree.ts';
import { kindOf } from '../resource/kind-of.ts';
import { listItems } from './list-items.ts';
import type { PolicyText } from './model.ts';

/** One document of a text, at the lines where it stands there. */
export interface TextDocument extends PolicyText {
  /** The number of its first line in the whole text, from 1. */
  readonly line: number;
  /** Empty where it does not say, or cannot be read. */
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The documents of a text (YAML 1.2, 9.2: a line that begins with three dashes ends whatever is before it). Each knows how many lines
 * are before it, so that mistakes have the places of the whole one. Documents of comments alone are none, and a list is
 * the documents that it holds.
 */
export async function splitDocuments(
  { file, text, above: before = 0 }: PolicyText,
  depth: number,
): Promise<readonly TextDocument[]> {
  const found: TextDocument[] = [];
  let line = before;
  for (const part of text.split(/^(?=---(?:\s|$))/m)) {
    const above = line;
    const start = line + 1;
    line += part.split('\n').length - 1;
    const { documents, mistakes } = await parseYamlDocuments({ text: part, above }, depth);
    const root = documents.find((each) => each.kind !== 'scalar' || each.text !== undefined);
    if (root === undefined && mistakes.length === 0) continue;
    const items = root === undefined ? undefined : listItems(root, part, above);
    if (items !== undefined && mistakes.length > 0) {
      // Whose items cannot all be read: that is told of a document that is nothing.
      found.push({ file, text: part, above, line: start, apiVersion: '', kind: '' });
      continue;
    }
    if (items !== undefined) {
      for (const item of items) found.push({ file, ...item });
      continue;
    }
    const { apiVersion, kind } = root === undefined ? { apiVersion: '', kind: '' } : kindOf(kubernetesValue(root));
    found.push({ file, text: part, above, line: root?.line ?? start, apiVersion, kind });
  }
  return found;
}
