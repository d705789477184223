import { explainIssue } from '../../../codec/yaml/explain-issue.ts';
import { type KubernetesValue, kubernetesValue } from '../../../codec/yaml/kubernetes-value.ts';
import {
  byPlace,
  type ConfigMistake,
  type ConfigPath,
  type Finding,
  formatPath,
  placeOf,
} from '../../../codec/yaml/mistake.ts';
import { parseYamlDocuments, type YamlNode } from '../../../codec/yaml/tree.ts';
import { kyvernoLimits } from '../limits.ts';
import { checkKyvernoPolicy } from './policy/check.ts';
import type { KyvernoPolicy } from './policy/model.ts';

/** A policy of Kyverno that could be read, and where its parts stand. */
export interface ReadKyvernoPolicy {
  readonly policy: KyvernoPolicy;
  /** A mistake at a part of it, as `['spec', 'rules', 0]`. */
  readonly mistakeAt: (path: ConfigPath, sentence: string) => ConfigMistake;
}

/** What a text holds. Documents of other kinds are left to others. */
export interface KyvernoReading {
  readonly policies: readonly ReadKyvernoPolicy[];
  /** `apiVersion` and `kind` of documents that are no policies of this kind, for whoever must be told that they are not looked at. */
  readonly others: readonly { readonly apiVersion: string; readonly kind: string; readonly line: number }[];
  readonly mistakes: readonly ConfigMistake[];
}

/** Reads the policies in a text of YAML or JSON. What is wrong with one says nothing about the others. */
export async function readKyvernoPolicies(text: string): Promise<KyvernoReading> {
  const { documents, mistakes: broken } = await parseYamlDocuments(text, kyvernoLimits.yamlDepth);
  const mistakes: ConfigMistake[] = broken.map((mistake) => ({ ...mistake, path: '' }));
  const policies: ReadKyvernoPolicy[] = [];
  const others: KyvernoReading['others'][number][] = [];
  for (const root of documents) {
    if (root.kind === 'scalar' && root.text === undefined) continue;
    const value = kubernetesValue(root);
    const { apiVersion, kind } = kindOf(value);
    if (!/^kyverno\.io\/v\d/.test(apiVersion) || (kind !== 'ClusterPolicy' && kind !== 'Policy')) {
      others.push({ apiVersion, kind, line: root.line });
      continue;
    }
    const found = await readPolicy(root, value);
    if (Array.isArray(found)) mistakes.push(...(found as readonly ConfigMistake[]));
    else policies.push(found as ReadKyvernoPolicy);
  }
  return { policies, others, mistakes: mistakes.toSorted(byPlace) };
}

async function readPolicy(
  root: YamlNode,
  value: KubernetesValue,
): Promise<ReadKyvernoPolicy | readonly ConfigMistake[]> {
  const { kyvernoPolicySchema } = await import('./policy/schema.ts');
  const mistakeAt = (path: ConfigPath, sentence: string): ConfigMistake => ({
    ...placeOf(root, path),
    path: formatPath(path),
    sentence,
  });
  const tell = ({ path, sentence }: Finding): ConfigMistake => mistakeAt(path, sentence);
  const result = kyvernoPolicySchema.safeParse(value);
  // Which names there are is told by the schema of each place, and not here, where it is as large as a page.
  if (!result.success) return result.error.issues.flatMap((issue) => explainIssue(issue, [], root, {})).map(tell);
  const wrong = checkKyvernoPolicy(result.data);
  return wrong.length > 0 ? wrong.map(tell) : { policy: result.data, mistakeAt };
}

function kindOf(value: KubernetesValue): { readonly apiVersion: string; readonly kind: string } {
  const { apiVersion, kind } = (value !== null && typeof value === 'object' ? value : {}) as Record<string, unknown>;
  return { apiVersion: typeof apiVersion === 'string' ? apiVersion : '', kind: typeof kind === 'string' ? kind : '' };
}
