/** What is taken for true of a cluster, and for how long. Times in milliseconds. */
export const clusterLimits = {
  /** How long what was followed counts while the cluster cannot be asked. */
  behindTime: 60_000,
  /** How long a Secret, ConfigMap, service account or answer counts that was read, and that it could not be. */
  readTime: 30_000,
  failedTime: 3000,
  /** Those that are held, and bytes of an answer of the API server that a policy asked for: what Kyverno's own context may have. */
  held: 5000,
  answerBytes: 2_097_152,
  /** Secrets of one object that are looked into. */
  secrets: 50,
} as const;
