import { isDeepStrictEqual } from 'node:util';
import { kubernetesValue } from '../../../codec/yaml/kubernetes-value.ts';
import { parseYamlDocuments } from '../../../codec/yaml/tree.ts';
import type { JsonObject } from '../../../lang/jmespath/value.ts';
import type { WrittenPolicy } from '../model.ts';

/** Collections within each other in what is written; conditions of Kyverno may hold anything. */
const depth = 64;

/**
 * Policies as YAML, with the lines that stand before each. Kubernetes reads what is plain in YAML 1.1, in which `yes` is a truth value: where
 * that would be read otherwise, all texts have quotes.
 */
export async function policiesAsYaml(policies: readonly WrittenPolicy[]): Promise<string> {
  const { dump } = await import('js-yaml');
  const texts: string[] = [];
  for (const { document, comments } of policies) {
    const options = { lineWidth: -1, noRefs: true, quoteStyle: 'single' } as const;
    const plain = dump(document, options);
    const text = (await isRead(plain, document)) ? plain : dump(document, { ...options, forceQuotes: true });
    texts.push(`${comments.map((line) => `# ${line}`.trimEnd().concat('\n')).join('')}${text}`);
  }
  return texts.join('---\n');
}

/** Policies as JSON: one over several lines, several with a line for each. Comments have no place there. */
export function policiesAsJson(policies: readonly WrittenPolicy[]): string {
  const [first, second] = policies;
  if (first !== undefined && second === undefined) return `${JSON.stringify(first.document, undefined, 2)}\n`;
  return policies.map(({ document }) => `${JSON.stringify(document)}\n`).join('');
}

async function isRead(text: string, document: JsonObject): Promise<boolean> {
  const { documents } = await parseYamlDocuments(text, depth);
  const [root] = documents;
  // Objects of what is read inherit nothing, which is no difference here.
  return root !== undefined && isDeepStrictEqual(JSON.parse(JSON.stringify(kubernetesValue(root))), document);
}
