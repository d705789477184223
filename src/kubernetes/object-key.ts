import type { KubernetesObject } from './model.ts';

/** Tells objects of one kind apart: their namespace, which is empty for those of the whole cluster, and their name. */
export function objectKey({ metadata: { namespace = '', name } }: KubernetesObject): string {
  return `${namespace}/${name}`;
}
