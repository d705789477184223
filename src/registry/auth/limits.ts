/** Caps on what a request may bring to be told apart, and on what is remembered of it. */
export const authLimits: {
  /** Characters of an `Authorization` header; Node's own cap on all headers of a request is 16 KiB. */
  readonly authorizationLength: number;
  /** Characters of a user name. */
  readonly userLength: number;
  /** Characters of a password: ID tokens are sent in its place. */
  readonly passwordLength: number;
  /** Characters of all scopes of one request: what is granted must fit into a header afterwards. */
  readonly scopeLength: number;
  /** Resources that one token may name; `docker buildx` asks for a few, mounts for two each. */
  readonly accesses: number;
  /** Characters of a repository's name (distribution/reference, `RepositoryNameTotalLengthMax`). */
  readonly repositoryLength: number;
  /** Groups that one identity is in. */
  readonly groups: number;
  /** Characters of the name of an identity or group. */
  readonly nameLength: number;
  /** Results of permission look-ups that are kept. */
  readonly cachedPermissions: number;
  /** Grants in one configuration. */
  readonly grants: number;
} = {
  authorizationLength: 16_384,
  userLength: 255,
  passwordLength: 12_000,
  scopeLength: 4096,
  accesses: 32,
  repositoryLength: 255,
  groups: 1000,
  nameLength: 512,
  cachedPermissions: 20_000,
  grants: 10_000,
};
