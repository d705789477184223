/** Caps on what configurations say, and how often what they name is looked at again. */
export const configLimits = {
  /** Files that `KUBECONFIG` may name. */
  files: 100,
  /** Bytes of one of them; clusters come with their authorities in it. */
  kubeconfigBytes: 4_194_304,
  /** Bytes of a file with a certificate, a key or a token. */
  materialBytes: 1_048_576,
  /** Clusters, users and contexts of one file. */
  entries: 10_000,
  /** Characters of a token; those of service accounts have about a thousand. */
  tokenLength: 65_536,
  /** How long the content of a file is used before it is read anew. Tokens are put there minutes before the last one ends. */
  rereadMs: 10_000,
  /** Bytes of a plugin's answer, and the time given to it; some ask a cloud. */
  pluginBytes: 1_048_576,
  pluginMs: 60_000,
  /** What a plugin gave is not used for so long before it ends. */
  expiryMarginMs: 10_000,
  /** Arguments and environment variables of a plugin. */
  pluginWords: 1000,
  /** Extra values of an impersonated user. */
  extras: 100,
} as const;
