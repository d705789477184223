import type { KubernetesError } from '../error.ts';
import type { ResourceType } from '../model.ts';

/** What an API server has. */
export interface Discovery {
  /** Every version of every type that could be looked at. */
  readonly resources: readonly DiscoveredResource[];
  /** Groups whose types are not known, or known from before: what serves them does not answer. Never "nothing there". */
  readonly failures: readonly DiscoveryFailure[];
}

/** A type of object that a server has. */
export interface DiscoveredResource extends ResourceType {
  /** Whether its version is the one of its group that the server prefers. */
  readonly preferred: boolean;
  /** `get`, `list`, `watch`, … */
  readonly verbs: readonly string[];
  /** `status`, `scale`, `ephemeralcontainers`. */
  readonly subresources: readonly string[];
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

/** A group and version that could not be looked at. */
export interface DiscoveryFailure {
  /** `metrics.k8s.io/v1beta1`. */
  readonly groupVersion: string;
  readonly error: KubernetesError;
}
