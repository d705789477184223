import { kubernetesValue } from '../../codec/yaml/kubernetes-value.ts';
import { parseYamlDocuments } from '../../codec/yaml/tree.ts';
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
 * The documents of a text (YAML 1.2, 9.2: a line that begins with three dashes ends whatever is before it). Lines before a document are
 * empty in its text, so that mistakes have the places of the whole one. Documents of comments alone are none.
 */
export async function splitDocuments({ file, text }: PolicyText, depth: number): Promise<readonly TextDocument[]> {
  const found: TextDocument[] = [];
  let line = 0;
  for (const part of text.split(/^(?=---(?:\s|$))/m)) {
    const own = `${'\n'.repeat(line)}${part}`;
    const start = line + 1;
    line += part.split('\n').length - 1;
    const { documents, mistakes } = await parseYamlDocuments(part, depth);
    const root = documents.find((each) => each.kind !== 'scalar' || each.text !== undefined);
    if (root === undefined && mistakes.length === 0) continue;
    const { apiVersion, kind } = root === undefined ? { apiVersion: '', kind: '' } : kindOf(kubernetesValue(root));
    found.push({ file, text: own, line: root === undefined ? start : start + root.line - 1, apiVersion, kind });
  }
  return found;
}

function kindOf(value: unknown): { readonly apiVersion: string; readonly kind: string } {
  const { apiVersion, kind } = (value !== null && typeof value === 'object' ? value : {}) as Record<string, unknown>;
  return { apiVersion: typeof apiVersion === 'string' ? apiVersion : '', kind: typeof kind === 'string' ? kind : '' };
}
