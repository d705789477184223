import type { FailurePolicy, ReviewPhase } from './model.ts';

/** Where a request goes. */
export type AdmissionRoute =
  | {
      readonly kind: 'review';
      readonly phase: ReviewPhase;
      readonly failurePolicy: FailurePolicy;
      /** `name` or `namespace/name`. */
      readonly policy?: string;
    }
  | { readonly kind: 'health' | 'ready' | 'metrics' };

const review = /^\/(mutate|validate)\/(fail|ignore)(?:\/([^/]+(?:\/[^/]+)?))?$/;
/** Names of Kubernetes: an RFC 1123 subdomain. */
const name = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** The route of a path without its query; undefined where there is none. */
export function findRoute(path: string): AdmissionRoute | undefined {
  if (path === '/healthz') return { kind: 'health' };
  if (path === '/readyz') return { kind: 'ready' };
  if (path === '/metrics') return { kind: 'metrics' };
  const match = review.exec(path);
  if (match === null) return undefined;
  const [, phase, failurePolicy, policy] = match as unknown as [string, ReviewPhase, FailurePolicy, string | undefined];
  if (policy === undefined) return { kind: 'review', phase, failurePolicy };
  if (!policy.split('/').every((part) => name.test(part))) return undefined;
  return { kind: 'review', phase, failurePolicy, policy };
}
