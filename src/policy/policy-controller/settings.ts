import type { LabelSelector } from '../kyverno/document/match/model.ts';

/** How policies of policy-controller are compiled. */
export interface PolicyControllerSettings {
  /** The namespace of policy-controller, in which Secrets with keys are: `cosign-system`. */
  readonly namespace: string;
  /** What becomes of images that no policy is about (`no-match-policy` of its ConfigMap). Policies say nothing about them when left out. */
  readonly noMatch?: 'deny' | 'warn' | 'allow';
  /** Whether they are about what is in namespaces with the label {@link optedInNamespaces} alone, as policy-controller is installed. */
  readonly optIn?: boolean;
  /**
   * Whether policies are read as policy-controller reads them, where Seaworthy is stricter or finds more: an image in another spelling,
   * signatures in another layout than the older one, images of volumes.
   */
  readonly exact: boolean;
}

/** As Seaworthy reads policies unless it is told otherwise. */
export const usualPolicyController: PolicyControllerSettings = { namespace: 'cosign-system', exact: false };

/** Namespaces whose objects policy-controller is asked about when nobody changes its webhooks. */
export const optedInNamespaces: LabelSelector = {
  matchExpressions: [{ key: 'policy.sigstore.dev/include', operator: 'In', values: ['true'] }],
};
