/** How a registry is reached for an image of an object: what a policy says, and what the object brings with it. */
export interface PullAccess {
  readonly plainHttp: boolean;
  /** `namespace/name` of secrets with credentials. */
  readonly secrets: readonly string[];
  /** Cloud providers whose credentials may be asked for: `amazon`. */
  readonly providers: readonly string[];
  /** `namespace/name` of secrets that the pod or its service account names, in order. */
  readonly podSecrets: readonly string[];
}
