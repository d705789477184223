import type { z } from 'zod';
import { explainIssue } from '../../../codec/yaml/explain-issue.ts';
import type { KubernetesValue } from '../../../codec/yaml/kubernetes-value.ts';
import { type ConfigMistake, type ConfigPath, type Finding, formatPath, placeOf } from '../../../codec/yaml/mistake.ts';
import type { YamlNode } from '../../../codec/yaml/tree.ts';

/** A document as its schema says and nothing is wrong with, or what is. */
export async function checked<Document>(
  root: YamlNode,
  value: KubernetesValue,
  schema: z.ZodType<Document>,
  check: (document: Document) => readonly Finding[],
): Promise<
  | { readonly document: Document; readonly mistakeAt: (path: ConfigPath, sentence: string) => ConfigMistake }
  | { readonly mistakes: readonly ConfigMistake[] }
> {
  const mistakeAt = (path: ConfigPath, sentence: string): ConfigMistake => ({
    ...placeOf(root, path),
    path: formatPath(path),
    sentence,
  });
  const tell = ({ path, sentence }: Finding): ConfigMistake => mistakeAt(path, sentence);
  const result = schema.safeParse(value);
  if (!result.success) {
    const { jsonSchemaOf } = await import('../../../codec/yaml/schema.ts');
    const json = jsonSchemaOf(schema);
    return { mistakes: result.error.issues.flatMap((issue) => explainIssue(issue, [], root, json)).map(tell) };
  }
  const wrong = check(result.data);
  return wrong.length > 0 ? { mistakes: wrong.map(tell) } : { document: result.data, mistakeAt };
}
