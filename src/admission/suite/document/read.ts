import type { z } from 'zod';
import { explainIssue } from '../../../codec/yaml/explain-issue.ts';
import { kubernetesValue, type KubernetesValue } from '../../../codec/yaml/kubernetes-value.ts';
import { type ConfigMistake, formatPath, placeOf } from '../../../codec/yaml/mistake.ts';
import { parseYamlDocuments } from '../../../codec/yaml/tree.ts';
import { suiteLimits } from '../limits.ts';
import type { SuiteDocument, SuiteUser, SuiteValues } from './model.ts';

/** A document, or what is wrong with it. */
export type Read<Document> =
  | { readonly document: Document; readonly mistakes?: undefined }
  | { readonly document?: undefined; readonly mistakes: readonly ConfigMistake[] };

/** Reads the one suite of a text. */
export async function readSuite(text: string): Promise<Read<SuiteDocument>> {
  const { suiteSchema } = await import('./schema.ts');
  return await readOne(text, suiteSchema);
}

/** Reads a file of values. */
export async function readValues(text: string): Promise<Read<SuiteValues>> {
  const { valuesSchema } = await import('./schema.ts');
  return await readOne(text, valuesSchema);
}

/** Reads a file that says who asks. */
export async function readUser(text: string): Promise<Read<SuiteUser>> {
  const { userSchema } = await import('./schema.ts');
  return await readOne(text, userSchema);
}

/** The documents of a text as plain values, lists of Kubernetes (`kind: List`) as what is in them. */
export async function readObjects(text: string): Promise<Read<readonly KubernetesValue[]>> {
  const { documents, mistakes } = await parseYamlDocuments(text, suiteLimits.depth);
  if (mistakes.length > 0) return { mistakes: mistakes.map((each) => ({ ...each, path: '' })) };
  const values = documents
    .filter((root) => root.kind !== 'scalar' || root.text !== undefined)
    .map(kubernetesValue)
    .flatMap((value) => {
      const { kind, items } = (value ?? {}) as { kind?: KubernetesValue; items?: readonly KubernetesValue[] };
      return kind === 'List' && Array.isArray(items) ? (items as readonly KubernetesValue[]) : [value];
    });
  return { document: values };
}

async function readOne<Document>(text: string, schema: z.ZodType<Document>): Promise<Read<Document>> {
  const { documents, mistakes } = await parseYamlDocuments(text, suiteLimits.depth);
  if (mistakes.length > 0) return { mistakes: mistakes.map((each) => ({ ...each, path: '' })) };
  const [root, second] = documents;
  if (root === undefined || second !== undefined) {
    const sentence = root === undefined ? 'has nothing in it' : 'has several documents; write one';
    return { mistakes: [{ line: second?.line ?? 1, column: 1, path: '', sentence }] };
  }
  const { success, data, error } = schema.safeParse(kubernetesValue(root));
  if (success) return { document: data };
  const { jsonSchemaOf } = await import('../../../codec/yaml/schema.ts');
  const json = jsonSchemaOf(schema);
  const findings = error.issues.flatMap((issue) => explainIssue(issue, [], root, json));
  return {
    mistakes: findings.map(({ path, sentence }) => ({ ...placeOf(root, path), path: formatPath(path), sentence })),
  };
}
