import type { ResourceOperation } from '../model.ts';

/** Objects of a cluster: all that is said must hold, and of a list one. */
export interface ObjectFilter {
  /** Patterns of namespaces. */
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: NamespaceSelector;
  /** `Deployment`, of whatever group. */
  readonly kinds?: readonly string[];
  /** Patterns of names; whoever makes an object may choose its name. */
  readonly names?: readonly string[];
  /** What is done to them. What is there already was created once. */
  readonly operations?: readonly Exclude<ResourceOperation, 'audit' | 'CONNECT'>[];
}

/** Labels of a namespace (Kubernetes, "Labels and Selectors"): all of it must hold. */
export interface NamespaceSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelRequirement[];
}

/** One requirement of a selector. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}
