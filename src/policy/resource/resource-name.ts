import type { ResourceSubject } from './model.ts';

/**
 * What the API server calls a kind in its paths: `pods`, `networkpolicies`. Where it does not say so, it is guessed as its own tools guess
 * (k8s.io/apimachinery, `UnsafeGuessKindToResource`), which is right for all of Kubernetes' kinds.
 */
export function resourceNameOf({ kind, resource }: Pick<ResourceSubject, 'kind' | 'resource'>): string {
  if (resource !== undefined) return resource;
  const name = kind.toLowerCase();
  if (name === 'endpoints') return name;
  if (name.endsWith('s')) return `${name}es`;
  return name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`;
}
