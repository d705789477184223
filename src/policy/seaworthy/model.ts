import type { Gate } from '../evidence.ts';
import type { ImageExtractor, KyvernoRule, KyvernoValidation } from '../kyverno/document/policy/model.ts';
import type { Policy, PolicyException, RuleAction, UnknownAction } from '../model.ts';
import type { ResourceOperation } from '../resource/model.ts';
import type { NamespaceSelector, ObjectFilter } from '../resource/object-filter/model.ts';

/** A policy of the form `ImagePolicy`, which stands by itself: as a cluster, a namespace or a team has several. */
export interface ImagePolicy {
  /** Unique among those that are used together. */
  readonly name: string;
  readonly policy: Policy;
  readonly match: ClusterMatch;
  /** What objects must be like besides what their images must. */
  readonly objects: readonly ObjectRule[];
  /** Exceptions from its rules; those of `policy` are from its rules about images. */
  readonly exceptions: readonly PolicyException[];
}

/** What objects must be like. */
export interface ObjectRule {
  /** With that of its policy before it. */
  readonly name: string;
  readonly action: RuleAction;
  readonly unknown: UnknownAction;
  readonly gates?: readonly Gate[];
  readonly help?: string;
  readonly check: ObjectCheck;
}

/** What a rule asks of objects, as rules of Kyverno do (kyverno.io/docs, "Validate Rules"). */
export interface ObjectCheck extends Pick<KyvernoRule, 'context' | 'preconditions' | 'celPreconditions'> {
  readonly validate: KyvernoValidation;
}

/** Which objects of a cluster a policy is about. */
export interface ClusterMatch {
  /** Patterns of namespaces; all when left out. */
  readonly namespaces?: readonly string[];
  readonly exceptNamespaces?: readonly string[];
  /** Objects that it is not about. */
  readonly except?: readonly ObjectFilter[];
  readonly namespaceSelector?: NamespaceSelector;
  /** `Deployment`; every kind that names images when left out. */
  readonly kinds?: readonly string[];
  /** Further kinds, with where they name images; those alone where `kinds` is left out. */
  readonly resources?: readonly ImageResource[];
  /** What must be done to them; `CREATE` and `UPDATE` when left out. Of what is deleted or connected to, no images are looked at. */
  readonly operations?: readonly Exclude<ResourceOperation, 'audit' | 'CONNECT'>[];
  /** Milliseconds that the API server waits for an answer, 1,000 to 30,000. */
  readonly timeout?: number;
  /** What the API server looks at before it asks (Kubernetes, `matchConditions`). */
  readonly conditions?: readonly { readonly name: string; readonly expression: string }[];
}

/** A kind of objects that names images where Kubernetes knows nothing of it (Kyverno, "Image Extractors"). */
export interface ImageResource {
  readonly kind: string;
  /** Patterns; any when left out. The core group is empty. */
  readonly group?: string;
  readonly version?: string;
  /** `status`; the object itself when left out. */
  readonly subresource?: string;
  readonly images: readonly ImageExtractor[];
}
