import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { Gathered } from '../evidence.ts';

/** What is done to an object of a cluster; `audit` looks at what is there already. */
export type ResourceOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT' | 'audit';

/** An object of a cluster that is to be judged, as the API server tells of it (Kubernetes, AdmissionReview v1). */
export interface ResourceSubject {
  readonly operation: ResourceOperation;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** As the API server names the kind in paths: `pods`. Guessed from the kind where it is absent. */
  readonly resource?: string;
  /** `ephemeralcontainers`; empty for the object itself. */
  readonly subresource: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  /** Empty where the server is still to make it up. */
  readonly name: string;
  /** As it is to be; as it was, where it is deleted. */
  readonly object: JsonObject;
  readonly oldObject?: JsonObject;
  /** Whether nothing is to be kept of it; it is judged all the same. */
  readonly dryRun?: boolean;
  /** Who asks; absent where nobody does. */
  readonly user?: ResourceUser;
  /** What else the API server tells of the request, which only expressions look at; absent where nobody asks. */
  readonly request?: ResourceRequest;
  /** Of its namespace; absent where nobody looked. */
  readonly namespaceLabels?: Gathered<Readonly<Record<string, string>>>;
}

/** What an API server tells of a request besides its object (Kubernetes, admission.k8s.io/v1, AdmissionRequest). */
export interface ResourceRequest {
  readonly uid?: string;
  /** Of a subresource, the one that it belongs to: `deployments` of `apps`, where the kind is a `Scale` of `autoscaling`. */
  readonly resource?: RequestedResource;
  /** The kind of that, where the cluster was asked; what is sent to a subresource may be of another. */
  readonly resourceKind?: string;
  /** As the client named it, where that is another version or group (`matchPolicy: Equivalent`); the same as above when left out. */
  readonly requestKind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly requestResource?: RequestedResource;
  readonly requestSubresource?: string;
  /** `CreateOptions` and the like. */
  readonly options?: JsonObject;
}

/** What a kind is called in paths. */
export interface RequestedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** Who sends a request to the API server. */
export interface ResourceUser {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  /** What authenticators tell besides, by their own names. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** `namespace:name` of the roles that are bound to them; absent where nobody looked. */
  readonly roles?: Gathered<readonly string[]>;
  readonly clusterRoles?: Gathered<readonly string[]>;
}
