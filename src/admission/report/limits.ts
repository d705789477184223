/** What reports of policies may take of a cluster and of this process. Times in milliseconds. */
export const reportLimits = {
  /** Results of one report, and characters of a message and of the images that one tells: etcd takes 1.5 MiB for an object. */
  results: 150,
  message: 1024,
  images: 1024,
  /** Characters of what a policy says of itself. */
  category: 200,
  /** Objects whose results wait to be written, and characters of all of them. */
  pending: 10_000,
  pendingCharacters: 33_554_432,
  /** Objects written per second over time, and at once after a rest: a read and at most one write each. */
  perSecond: 10,
  burst: 20,
  /** Tries of one write when somebody else writes at the same time, and of one object while the cluster cannot be asked. */
  conflictTries: 5,
  failureTries: 5,
  /** The longest pause after a failure. */
  longestPause: 30_000,
  /** How long it is taken for true which kinds of reports a cluster has, and that it has none. */
  typesTime: 600_000,
} as const;
