import type { LabelSelector } from '../../kyverno/document/match/model.ts';

/** Which requests a policy is about (Kubernetes, ValidatingAdmissionPolicy, `matchConstraints`). */
export interface MatchConstraints {
  /** One of these; */
  readonly resourceRules?: readonly ResourceRuleFilter[];
  /** and none of these. */
  readonly excludeResourceRules?: readonly ResourceRuleFilter[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  /** Whether another version of the same resource counts; it does when left out. */
  readonly matchPolicy?: 'Exact' | 'Equivalent';
}

/** Resources, and what is done to them. `*` is any; what is left out is nothing, and any name. */
export interface ResourceRuleFilter {
  readonly resourceNames?: readonly string[];
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  /** `pods`, `pods/status`, `pods/*`, `*`. */
  readonly resources?: readonly string[];
  readonly scope?: '*' | 'Cluster' | 'Namespaced';
}
