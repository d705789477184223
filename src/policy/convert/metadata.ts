import { plainValue } from '../../codec/yaml/plain-value.ts';
import type { YamlNode } from '../../codec/yaml/tree.ts';
import { autogenAnnotation } from '../kyverno/autogen/controllers.ts';
import type { ImagePolicyDraft } from './model.ts';

/** Annotations that say how a document is read, which the new one says itself, or that tools keep there for themselves. */
const settings: ReadonlySet<string> = new Set([autogenAnnotation, 'kubectl.kubernetes.io/last-applied-configuration']);

/** What of a document's metadata is for people: its labels and annotations. */
export function keptMetadata(root: YamlNode | undefined): Pick<ImagePolicyDraft, 'labels' | 'annotations'> {
  const value = root === undefined ? undefined : (plainValue(root) as Given | null);
  const labels = textsOf(value?.metadata?.labels);
  const annotations = textsOf(value?.metadata?.annotations).filter(([name]) => !settings.has(name));
  return {
    ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
  };
}

interface Given {
  readonly metadata?: { readonly labels?: unknown; readonly annotations?: unknown } | null;
}

function textsOf(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
}
