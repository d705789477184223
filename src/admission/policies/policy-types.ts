import type { ResourceType } from '../../kubernetes/model.ts';

/** A kind of policies that a cluster may have. */
export interface PolicyType {
  /** The versions that are read, the one that is asked for first. */
  readonly types: readonly ResourceType[];
  /** False for what only says more about policies: exceptions from them, and whom they trust. */
  readonly isPolicy: boolean;
}

function typesOf(
  group: string,
  versions: readonly string[],
  resource: string,
  kind: string,
  namespaced: boolean,
): PolicyType {
  return {
    types: versions.map((version) => ({ group, version, resource, kind, namespaced })),
    isPolicy: kind.endsWith('Policy'),
  };
}

/** All kinds of policies that are read of a cluster, where it has them. */
export const policyTypes: readonly PolicyType[] = [
  typesOf('seaworthy.dev', ['v1'], 'imagepolicies', 'ImagePolicy', false),
  typesOf('kyverno.io', ['v1', 'v2beta1'], 'clusterpolicies', 'ClusterPolicy', false),
  typesOf('kyverno.io', ['v1', 'v2beta1'], 'policies', 'Policy', true),
  typesOf('kyverno.io', ['v2', 'v2beta1'], 'policyexceptions', 'PolicyException', true),
  typesOf(
    'policies.kyverno.io',
    ['v1', 'v1beta1', 'v1alpha1'],
    'imagevalidatingpolicies',
    'ImageValidatingPolicy',
    false,
  ),
  typesOf(
    'policies.kyverno.io',
    ['v1', 'v1beta1'],
    'namespacedimagevalidatingpolicies',
    'NamespacedImageValidatingPolicy',
    true,
  ),
  typesOf('policies.kyverno.io', ['v1', 'v1beta1', 'v1alpha1'], 'policyexceptions', 'PolicyException', true),
  typesOf('policy.sigstore.dev', ['v1beta1', 'v1alpha1'], 'clusterimagepolicies', 'ClusterImagePolicy', false),
  typesOf('policy.sigstore.dev', ['v1alpha1'], 'trustroots', 'TrustRoot', false),
];
