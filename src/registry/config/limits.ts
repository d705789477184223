/** Caps on a configuration, in entries; its text has those of `codec/yaml/limits.ts`. */
export const configLimits = {
  /** Grants: some platforms write one for each team. */
  permissions: 10_000,
  /** Endpoints that events go to: each event is looked at for each of them. */
  webhooks: 100,
  /** Files with policies, and platforms of nodes. */
  policies: 100,
  platforms: 20,
  /** Upstreams of a cache. */
  upstreams: 200,
  /** Bytes of a file with a secret, a certificate or a key. */
  fileBytes: 1_048_576,
} as const;
