/** The times of client-go's leader election, in milliseconds, so that the webhook changes leaders as fast as controllers do. */
export const leaderLimits = {
  /** How long others wait after the last sign of a leader. */
  lease: 15_000,
  /** How long a leader goes on to be one without being able to say so: less than others wait. */
  renew: 10_000,
  /** Between two tries. */
  retry: 2000,
} as const;
