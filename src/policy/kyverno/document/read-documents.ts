import type { PlacedText } from '../../../codec/yaml/text-place.ts';
import { type KubernetesValue, kubernetesValue } from '../../../codec/yaml/kubernetes-value.ts';
import { byPlace, type ConfigMistake, type ConfigPath } from '../../../codec/yaml/mistake.ts';
import { parseYamlDocuments, type YamlNode } from '../../../codec/yaml/tree.ts';
import { kyvernoLimits } from '../limits.ts';
import { checked } from './checked.ts';
import { checkKyvernoException } from './exception/check.ts';
import type { KyvernoException } from './exception/model.ts';
import { checkKyvernoPolicy } from './policy/check.ts';
import type { KyvernoPolicy } from './policy/model.ts';

/** A policy of Kyverno that could be read, and where its parts stand. */
export interface ReadKyvernoPolicy {
  readonly policy: KyvernoPolicy;
  /** A mistake at a part of it, as `['spec', 'rules', 0]`. */
  readonly mistakeAt: (path: ConfigPath, sentence: string) => ConfigMistake;
}

/** An exception that could be read, and where its parts stand. */
export interface ReadKyvernoException {
  readonly exception: KyvernoException;
  readonly mistakeAt: ReadKyvernoPolicy['mistakeAt'];
}

/** What a text holds. Documents of other kinds are left to others. */
export interface KyvernoReading {
  readonly policies: readonly ReadKyvernoPolicy[];
  readonly exceptions: readonly ReadKyvernoException[];
  /** `apiVersion` and `kind` of documents that are neither, for whoever must be told that they are not looked at. */
  readonly others: readonly { readonly apiVersion: string; readonly kind: string; readonly line: number }[];
  readonly mistakes: readonly ConfigMistake[];
}

/** Reads the policies and exceptions in a text of YAML or JSON. What is wrong with one says nothing about the others. */
export async function readKyvernoPolicies(text: PlacedText): Promise<KyvernoReading> {
  const { documents, mistakes: broken } = await parseYamlDocuments(text, kyvernoLimits.yamlDepth);
  const mistakes: ConfigMistake[] = broken.map((mistake) => ({ ...mistake, path: '' }));
  const policies: ReadKyvernoPolicy[] = [];
  const exceptions: ReadKyvernoException[] = [];
  const others: KyvernoReading['others'][number][] = [];
  for (const root of documents) {
    if (root.kind === 'scalar' && root.text === undefined) continue;
    const value = kubernetesValue(root);
    const { apiVersion, kind } = kindOf(value);
    const isOfKyverno = /^kyverno\.io\/v\d/.test(apiVersion);
    if (isOfKyverno && (kind === 'ClusterPolicy' || kind === 'Policy')) {
      const found = await readPolicy(root, value);
      if (Array.isArray(found)) mistakes.push(...(found as readonly ConfigMistake[]));
      else policies.push(found as ReadKyvernoPolicy);
    } else if (isOfKyverno && kind === 'PolicyException') {
      const { kyvernoExceptionSchema } = await import('./exception/schema.ts');
      const found = await checked(root, value, kyvernoExceptionSchema, checkKyvernoException);
      if ('mistakes' in found) mistakes.push(...found.mistakes);
      else exceptions.push({ exception: found.document, mistakeAt: found.mistakeAt });
    } else others.push({ apiVersion, kind, line: root.line });
  }
  return { policies, exceptions, others, mistakes: mistakes.toSorted(byPlace) };
}

async function readPolicy(
  root: YamlNode,
  value: KubernetesValue,
): Promise<ReadKyvernoPolicy | readonly ConfigMistake[]> {
  const { kyvernoPolicySchema } = await import('./policy/schema.ts');
  const found = await checked(root, value, kyvernoPolicySchema, checkKyvernoPolicy);
  return 'mistakes' in found ? found.mistakes : { policy: found.document, mistakeAt: found.mistakeAt };
}

function kindOf(value: KubernetesValue): { readonly apiVersion: string; readonly kind: string } {
  const { apiVersion, kind } = (value !== null && typeof value === 'object' ? value : {}) as Record<string, unknown>;
  return { apiVersion: typeof apiVersion === 'string' ? apiVersion : '', kind: typeof kind === 'string' ? kind : '' };
}
