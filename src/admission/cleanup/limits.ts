/** How long taking the webhook out of a cluster waits for others, and how much it does at a time. Times in milliseconds. */
export const cleanupLimits = {
  /** Between two looks. */
  pause: 1000,
  /** How long nobody must lead: replicas that run try to in less. */
  quiet: 4000,
  /** A Lease that says more is over by then all the same. */
  longestLease: 60_000,
  /** Until Pods that were asked to go are gone, and nobody leads any more. */
  stop: 180_000,
  /** How long an API server that failed is asked again: a webhook that does not answer any more was asked before it heard. */
  patience: 15_000,
  /** Verdicts that are removed at a time. */
  removals: 16,
} as const;
