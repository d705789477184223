/** Objects that Kyverno's configuration keeps from all policies when nobody changes it; each part is a pattern. */
export interface ResourceFilter {
  /** `Kind`, `Kind/subresource`, or `*` and `*` with a slash. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * What Kyverno passes over by default (its Helm chart, `config.resourceFilters`), besides its own objects. Whoever is to judge as it does
 * heeds them; rules know nothing of them.
 */
export const defaultResourceFilters: readonly ResourceFilter[] = [
  ...['kube-system', 'kube-public', 'kube-node-lease'].map((namespace) => ({ kind: '*/*', namespace, name: '*' })),
  ...[
    'Event',
    'Node',
    'Node/*',
    'APIService',
    'APIService/*',
    'TokenReview',
    'SubjectAccessReview',
    'SelfSubjectAccessReview',
    'Binding',
    'Pod/binding',
    'ReplicaSet',
    'ReplicaSet/*',
  ].map((kind) => ({ kind, namespace: '*', name: '*' })),
];
