/** What is taken for true of a cluster, and for how long. Times in milliseconds. */
export const clusterLimits = {
  /** How long what was followed counts while the cluster cannot be asked. */
  behindTime: 60_000,
  /** How much is remembered of what was read, and how long it counts. */
  reads: { most: 5000, readTime: 30_000, failedTime: 3000 },
  /** The same of what kinds are called, which changes with their definitions alone. */
  kinds: { most: 1000, readTime: 600_000, failedTime: 3000 },
  /** Bytes of an answer of the API server that a policy asked for: what Kyverno's own context may have. */
  answerBytes: 2_097_152,
  /** Secrets of one object that are looked into. */
  secrets: 50,
} as const;
