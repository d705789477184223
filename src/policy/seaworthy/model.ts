import type { Policy } from '../model.ts';

/** A policy of the form `ImagePolicy`, which stands by itself: as a cluster, a namespace or a team has several. */
export interface ImagePolicy {
  /** Unique among those that are used together. */
  readonly name: string;
  readonly policy: Policy;
  readonly match: ClusterMatch;
}

/** Which objects of a cluster a policy is about. */
export interface ClusterMatch {
  /** Patterns of namespaces; all when left out. */
  readonly namespaces?: readonly string[];
  readonly exceptNamespaces?: readonly string[];
  readonly namespaceSelector?: NamespaceSelector;
  /** `Deployment`; every kind that names images when left out. */
  readonly kinds?: readonly string[];
  /** What must be done to them; `CREATE` and `UPDATE` when left out. */
  readonly operations?: readonly ('CREATE' | 'UPDATE')[];
  /** Milliseconds that the API server waits for an answer, 1,000 to 30,000. */
  readonly timeout?: number;
  /** What the API server looks at before it asks (Kubernetes, `matchConditions`). */
  readonly conditions?: readonly { readonly name: string; readonly expression: string }[];
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
