/** An object of a cluster as the API server writes it, in JSON (Kubernetes API conventions, "Objects"). */
export interface KubernetesObject {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** What all objects have (Kubernetes API, ObjectMeta). Only what is read here is typed; nobody checked the rest. */
export interface ObjectMeta {
  /** Empty only in what is sent with `generateName`. */
  readonly name: string;
  /** Absent for what is in no namespace. */
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  /** To be compared for equality and handed back, and never to be counted with (API concepts, "Resource versions"). */
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  /** When it was asked to go; it is there until its finalizers are gone. */
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly [field: string]: unknown;
}

/** An object that another one belongs to. Anybody who may write the object may write this: it proves nothing. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** A kind of object, and where the API has it. */
export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural in paths: `pods`. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** `v1`, `apps/v1`: how objects name their group and version. */
export function apiVersionOf({ group, version }: Pick<ResourceType, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}
