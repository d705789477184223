import type { KubernetesObject } from '../../../src/kubernetes/model.ts';
import type { FakeType } from '../resource-types.ts';
import type { Json } from '../status.ts';
import type { User } from '../users.ts';

/** What is about to be done, as admission sees it (apiserver, "admission.Attributes"). */
export interface Attributes {
  readonly type: FakeType;
  readonly subresource: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** Empty where the server is still to make one up. */
  readonly name: string;
  /** For a namespace, its own name. */
  readonly namespace: string;
  readonly user: User;
  /** Undefined where it is removed. */
  readonly object: KubernetesObject | undefined;
  readonly oldObject: KubernetesObject | undefined;
  readonly dryRun: boolean;
  readonly options: Json;
}
