import type { JsonValue } from '../../../../lang/jmespath/value.ts';
import type { KyvernoMetadata } from '../policy/model.ts';

/** What is kept for all policies, as it is written (kyverno.io/docs, "Global Context"). */
export interface KyvernoGlobalEntry {
  readonly apiVersion: 'kyverno.io/v2' | 'kyverno.io/v2beta1' | 'kyverno.io/v2alpha1';
  readonly kind: 'GlobalContextEntry';
  readonly metadata: KyvernoMetadata;
  readonly spec: KyvernoGlobalSpec;
}

/** Where its data comes from: one of the two. */
export interface KyvernoGlobalSpec {
  readonly kubernetesResource?: KeptResource;
  readonly apiCall?: KeptCall;
  /** Parts of the data with names of their own; policies ask for `entry.projection`. */
  readonly projections?: readonly { readonly name: string; readonly jmesPath: string }[];
}

/** All objects of a kind. */
export interface KeptResource {
  readonly group?: string;
  readonly version: string;
  /** In the plural: `deployments`. */
  readonly resource: string;
  /** Of one namespace; of all where it is absent. */
  readonly namespace?: string;
}

/** What a call answers, asked for again and again. */
export interface KeptCall {
  readonly urlPath?: string;
  readonly method?: 'GET' | 'POST';
  /** Members of the object that is sent. */
  readonly data?: readonly { readonly key: string; readonly value: JsonValue }[];
  readonly service?: JsonValue;
  /** As Go writes durations; `10m` where it is absent. */
  readonly refreshInterval?: string;
  /** How often it is asked before it counts as failed; 3 where it is absent. */
  readonly retryLimit?: number;
}
