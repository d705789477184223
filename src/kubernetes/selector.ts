import { KubernetesError } from './error.ts';
import { kubernetesLimits as limits } from './limits.ts';

/** A selector as it is sent; what it means is the server's to say. @throws KubernetesError REQUEST_INVALID */
export function checkSelector(selector: string | undefined): string | undefined {
  if (selector === undefined || selector.length <= limits.selectorLength) return selector;
  throw new KubernetesError(
    'REQUEST_INVALID',
    `A selector is longer than ${limits.selectorLength} characters; shorten it`,
  );
}
