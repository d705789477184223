import type { z } from 'zod';
import { explainIssue } from '../../codec/yaml/explain-issue.ts';
import { kubernetesValue } from '../../codec/yaml/kubernetes-value.ts';
import { byPlace, type ConfigMistake, type ConfigPath, formatPath, placeOf } from '../../codec/yaml/mistake.ts';
import type { PlacedText } from '../../codec/yaml/text-place.ts';
import { parseYamlDocuments } from '../../codec/yaml/tree.ts';
import { kindOf } from './kind-of.ts';

/** A document that could be read, and where its parts stand. */
export interface ReadDocument<Document> {
  readonly document: Document;
  /** A mistake at a part of it, as `['spec', 'images', 0]`. */
  readonly mistakeAt: (path: ConfigPath, sentence: string) => ConfigMistake;
}

/** What a text holds. Documents of other kinds are left to others. */
export interface ReadingOf<Document> {
  readonly documents: readonly ReadDocument<Document>[];
  /** `apiVersion` and `kind` of documents of other kinds, for whoever must be told that they are not looked at. */
  readonly others: readonly { readonly apiVersion: string; readonly kind: string; readonly line: number }[];
  readonly mistakes: readonly ConfigMistake[];
}

/**
 * Reads the objects in a text of YAML or JSON, as Kubernetes reads them. What is wrong with one says nothing about the others.
 *
 * @param schemaOf gives the schema of a kind, and undefined for kinds that are left to others
 */
export async function readDocuments<Document>(
  text: PlacedText,
  depth: number,
  schemaOf: (apiVersion: string, kind: string) => Promise<z.ZodType<Document> | undefined>,
): Promise<ReadingOf<Document>> {
  const { documents: roots, mistakes: broken } = await parseYamlDocuments(text, depth);
  const mistakes: ConfigMistake[] = broken.map((mistake) => ({ ...mistake, path: '' }));
  const documents: ReadDocument<Document>[] = [];
  const others: ReadingOf<Document>['others'][number][] = [];
  for (const root of roots) {
    if (root.kind === 'scalar' && root.text === undefined) continue;
    const value = kubernetesValue(root);
    const { apiVersion, kind } = kindOf(value);
    const schema = await schemaOf(apiVersion, kind);
    if (schema === undefined) {
      others.push({ apiVersion, kind, line: root.line });
      continue;
    }
    const mistakeAt = (path: ConfigPath, sentence: string): ConfigMistake => ({
      ...placeOf(root, path),
      path: formatPath(path),
      sentence,
    });
    const result = schema.safeParse(value);
    if (result.success) documents.push({ document: result.data, mistakeAt });
    else {
      const { jsonSchemaOf } = await import('../../codec/yaml/schema.ts');
      const json = jsonSchemaOf(schema);
      const findings = result.error.issues.flatMap((issue) => explainIssue(issue, [], root, json));
      mistakes.push(...findings.map(({ path, sentence }) => mistakeAt(path, sentence)));
    }
  }
  return { documents, others, mistakes: mistakes.toSorted(byPlace) };
}
