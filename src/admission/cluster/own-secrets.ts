import type { KubernetesObject } from '../../kubernetes/model.ts';

// What the webhook proves itself with, and seals verdicts with, lies in Secrets of its own namespace. Whoever has a policy compare, keep or
// tell them could admit images in its name.

/** @param namespace the webhook's own */
export function isOwnSecret({ kind, metadata }: KubernetesObject, namespace: string): boolean {
  return kind === 'Secret' && metadata.namespace === namespace;
}

/**
 * Whether a path of the API server (without anything escaped) gives Secrets of a namespace: by their names, or in a list of all.
 *
 * @param namespace the webhook's own
 */
export function readsOwnSecrets(path: string, namespace: string): boolean {
  const [, first, second, third, fourth, fifth] = (path.split('?', 1)[0] ?? '').split('/');
  if (first !== 'api' || second === undefined) return false;
  return third === 'secrets' || (third === 'namespaces' && fourth === namespace && fifth === 'secrets');
}

/** Why such a path is not asked. */
export const ownSecretsReason = 'Secrets of the namespace of this webhook are not shown to policies';
