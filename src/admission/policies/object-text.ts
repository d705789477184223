import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { PolicyText } from '../../policy/dialects/model.ts';

/** What a policy of a cluster says, without what the cluster itself writes into it. */
export function policyText({ apiVersion, kind, metadata, ...rest }: KubernetesObject): PolicyText {
  const { name, namespace, labels, annotations } = metadata;
  const { status: _status, ...own } = rest;
  const kept = Object.fromEntries(
    Object.entries({ name, namespace, labels, annotations: withoutLast(annotations) }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const file = namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
  return { file, text: JSON.stringify({ apiVersion, kind, metadata: kept, ...own }) };
}

/** `kubectl apply` writes the whole object once more into an annotation. */
function withoutLast(annotations: Readonly<Record<string, string>> | undefined): object | undefined {
  if (annotations === undefined) return undefined;
  const { 'kubectl.kubernetes.io/last-applied-configuration': _last, ...own } = annotations;
  return own;
}
