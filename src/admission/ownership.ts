import type { KubernetesObject } from '../kubernetes/model.ts';

const madeBy = 'app.kubernetes.io/managed-by';

/** The labels of everything that the webhook makes in a cluster (Kubernetes, "Recommended labels"). */
export const ownLabels: Readonly<Record<string, string>> = { [madeBy]: 'seaworthy' };

/** {@link ownLabels} as a selector of lists. */
export const ownSelector: string = Object.entries(ownLabels)
  .map(([name, value]) => `${name}=${value}`)
  .join(',');

/** Whether an object was made by the webhook, and may be removed as such. */
export function isOurs({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.[madeBy] === ownLabels[madeBy];
}
