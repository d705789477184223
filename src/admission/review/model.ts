import type { JsonObject } from '../../lang/jmespath/value.ts';

/** What is done to an object; `CONNECT` is to open something to it, as `kubectl exec` does. */
export type ReviewOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** All of {@link ReviewOperation}. */
export const reviewOperations: readonly ReviewOperation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

/** A kind of objects. */
export interface GroupVersionKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What a kind is called in paths. */
export interface GroupVersionResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** Who asked the API server. */
export interface ReviewUser {
  /** Empty where the API server does not say. */
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * What an API server asks about (Kubernetes, admission.k8s.io/v1, AdmissionRequest). Numbers of the objects are those of JavaScript:
 * integers above 2^53 are rounded, so nothing may be written back that was not meant to change.
 */
export interface ReviewRequest {
  /** Names the review; its answer repeats it. */
  readonly uid: string;
  /** Of `object`, as the webhook's rules asked for it. */
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  /** `ephemeralcontainers`; empty for the object itself. */
  readonly subResource: string;
  /** As the client named it, where that is another version or group (`matchPolicy: Equivalent`); the same as above where not. */
  readonly requestKind: GroupVersionKind;
  readonly requestResource: GroupVersionResource;
  readonly requestSubResource: string;
  /** Empty where the server is still to make it up (`generateName`). */
  readonly name: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  readonly operation: ReviewOperation;
  readonly userInfo: ReviewUser;
  /** As it is to be; absent where it is deleted. */
  readonly object?: JsonObject;
  /** As it was; absent where it is created, or connected to. */
  readonly oldObject?: JsonObject;
  /** `CreateOptions` and the like. */
  readonly options?: JsonObject;
  /** Nothing will come of it, so that nothing else may either (`sideEffects: NoneOnDryRun`). */
  readonly dryRun: boolean;
}
