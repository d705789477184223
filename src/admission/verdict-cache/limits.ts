/** What keeping verdicts may take. Times in milliseconds. */
export const verdictStoreLimits = {
  /** Verdicts that wait to be written; the oldest are let go of where there are more. */
  waiting: 2000,
  /** Writes to a cluster at a time. */
  writes: 4,
  /** The pause after a write that failed, doubled with each one more. */
  leastPause: 1000,
  mostPause: 60_000,
  /** How long nothing is written where a cluster knows no verdicts, or lets nobody write them. */
  absentPause: 300_000,
  /** Bytes of the list that is read at the beginning. */
  listBytes: 268_435_456,
  /** Verdicts that a cluster keeps; those that are over first go first. */
  kept: 20_000,
  /** Between two looks at which of them are over. */
  pruneTime: 300_000,
  /** How many are removed at a look. */
  removals: 2000,
  /** How long one that cannot be opened stays: its key may have been made this moment. */
  sealedTime: 3_600_000,
  /** Between two looks for the key that is yet to be made. */
  keyTime: 2000,
  /** Bytes of a file of verdicts, and of one line in it. */
  fileBytes: 67_108_864,
  lineBytes: 1_048_576,
} as const;
