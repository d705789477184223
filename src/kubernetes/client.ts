import type { Discovery } from './discovery/model.ts';
import type { KubernetesObject, ResourceType } from './model.ts';

/** Where an object is, and who may end the waiting for it. */
export interface ObjectOptions {
  /** For types that have namespaces; the configuration's own where none is named. */
  readonly namespace?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How to change something. */
export interface ChangeOptions {
  /** Does all but to keep it. */
  readonly dryRun?: boolean;
  /** Whose fields these are (Kubernetes, "Server-Side Apply"). */
  readonly fieldManager?: string;
  readonly signal?: AbortSignal | undefined;
}

/** What is asked of a list. */
export interface ListOptions {
  /** Of one namespace; of all where it is absent. */
  readonly namespace?: string | undefined;
  /** `app=web,tier!=db`. */
  readonly labelSelector?: string | undefined;
  /** `spec.nodeName=a`. */
  readonly fieldSelector?: string | undefined;
  /** Objects of one page. */
  readonly pageSize?: number | undefined;
  /** `0` is whatever the server has at hand, which may be old. The newest where it is absent. */
  readonly resourceVersion?: string | undefined;
  /** Objects come without all but their metadata, as `PartialObjectMetadata` of `meta.k8s.io/v1`. */
  readonly metadataOnly?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One page of a list. */
export interface ObjectPage {
  readonly objects: readonly KubernetesObject[];
  /** Of the list as a whole: where a watch goes on from. */
  readonly resourceVersion: string;
  /** The list began anew with this page, as it had become too old: what came before is to be forgotten. */
  readonly restarted: boolean;
  /** Of the answer. */
  readonly bytes: number;
}

/** What is asked of a watch. */
export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** What comes after it is told. */
  readonly resourceVersion: string;
  /** After so long the server ends it. */
  readonly timeoutSeconds?: number | undefined;
  /** Objects come as those of such a list ({@link ListOptions.metadataOnly}). */
  readonly metadataOnly?: boolean | undefined;
  /** Bytes of one event. */
  readonly maxEventBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a watch tells. */
export type WatchEvent =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly object: KubernetesObject;
      readonly resourceVersion: string;
    }
  /** Nothing happened up to here (API concepts, "Watch bookmarks"). */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** How to change an object by what is to differ. */
export interface PatchRequest {
  /**
   * `json`: a list of operations (RFC 6902). `merge`: RFC 7396. `strategic`: as the types of Kubernetes itself say how lists are
   * merged; not for custom resources. `apply`: a whole intent of a field manager, which makes the object where it is not there.
   */
  readonly kind: 'json' | 'merge' | 'strategic' | 'apply';
  readonly body: unknown;
  /** Takes fields from other managers; for `apply`. */
  readonly force?: boolean;
  /** `status`. */
  readonly subresource?: string;
}

/** How to remove an object. */
export interface RemoveOptions extends ObjectOptions {
  /** CONFLICT where the object is another one. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly dryRun?: boolean;
}

/** What an API server says it is. */
export interface ServerVersion {
  /** `v1.34.1`. */
  readonly gitVersion: string;
  /** `1` and `34`, or `34+`: what follows the number is the vendor's. */
  readonly major: string;
  readonly minor: string;
}

/**
 * Speaks with the API server of one cluster. Every method throws KubernetesError, or the signal's reason. What is not there is a
 * value only where that is said; a failure to look is never taken for it.
 */
export interface KubernetesClient {
  /** Where objects are whose namespace nobody named. */
  readonly namespace: string;
  /** Undefined where the server says that there is none of that name; of types that it has in part only, too. */
  get(type: ResourceType, name: string, options?: ObjectOptions): Promise<KubernetesObject | undefined>;
  /** In pages. A list that became too old on the way begins anew, twice at most; see {@link ObjectPage.restarted}. */
  list(type: ResourceType, options?: ListOptions): AsyncIterable<ObjectPage>;
  /**
   * Tells what happens from a resource version on; resolves when the server has agreed to. It ends when the server ends it.
   * Iterating throws GONE when the version is too old. See `follow/follow.ts` for what goes on from there.
   */
  watch(type: ResourceType, options: WatchOptions): Promise<AsyncIterable<WatchEvent>>;
  /**
   * Makes an object; ALREADY_EXISTS where it is there.
   *
   * @param options a subresource is made of the object of that name: `eviction` of a Pod, `token` of a ServiceAccount
   */
  create(
    type: ResourceType,
    object: NewObject,
    options?: ChangeOptions & { readonly of?: { readonly name: string; readonly subresource: string } },
  ): Promise<KubernetesObject>;
  /**
   * Puts a whole object in the place of what is there. With `metadata.resourceVersion`, only of exactly that: CONFLICT where it
   * is another by now. An UNREACHABLE request may have been done; a CONFLICT after it may be with oneself.
   */
  replace(
    type: ResourceType,
    object: KubernetesObject,
    options?: ChangeOptions & { readonly subresource?: string },
  ): Promise<KubernetesObject>;
  patch(
    type: ResourceType,
    name: string,
    patch: PatchRequest,
    options?: ObjectOptions & ChangeOptions,
  ): Promise<KubernetesObject>;
  /** False where it was not there. With finalizers, true means that it was asked to go. */
  remove(type: ResourceType, name: string, options?: RemoveOptions): Promise<boolean>;
  /** Asks a question that is written as an object, and that is kept nowhere: SubjectAccessReview, TokenReview. */
  review(type: ResourceType, question: NewObject, options?: { readonly signal?: AbortSignal }): Promise<JsonAnswer>;
  /**
   * What the server answers to a path of its own, such as `/api/v1/namespaces/default/services?limit=5`; undefined where it says that
   * there is no such object. Whoever has the path from elsewhere looks at it first.
   *
   * @param options bytes that the answer may have
   */
  read(
    path: string,
    options?: { readonly maxBytes?: number; readonly signal?: AbortSignal | undefined },
  ): Promise<JsonAnswer | undefined>;
  /** What the server has. */
  discover(signal?: AbortSignal): Promise<Discovery>;
  version(signal?: AbortSignal): Promise<ServerVersion>;
  /** Whether the server says that it is ready; false as well where it says that it is not. */
  readyz(signal?: AbortSignal): Promise<boolean>;
}

/** An object to be made: without a name where the server is to make one up (`generateName`). */
export interface NewObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** An answer that is an object, and whose parts nobody checked. */
export type JsonAnswer = Readonly<Record<string, unknown>>;
