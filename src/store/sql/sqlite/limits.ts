/** Bounds of the SQLite driver. Times in milliseconds. */
export const sqliteLimits = {
  /** Transactions in one group, and how long a group goes on taking more, so that readers and other processes get turns. */
  groupSize: 128,
  groupTime: 8,
  /** How long one transaction may wait for something other than its queries, which it must not do at all. */
  transactionTime: 2000,
  /** How long a transaction waits for other processes to finish theirs. */
  busyTime: 10_000,
  /** Waits between attempts to get the lock. Other processes hold it for some `groupTime`. */
  busyBackoff: { first: 1, longest: 40 },
  /** Prepared statements that one connection keeps. */
  statements: 512,
  /** Pages in the write-ahead log that are not in the database yet, before a checkpoint is made (16 MiB at 4 KiB). */
  checkpointPages: 4000,
  /** Frames in the log at which writers wait once, so that the next one can begin it anew. */
  restartPages: 16_000,
  /**
   * Frames at which writers wait for the copy, however long the disk takes (1 GiB at 4 KiB). Where something goes on reading the
   * database as it was, so that the log cannot begin anew, they are refused: a disk that is full would stop far more.
   */
  fullPages: 262_144,
  /** Pause between attempts to copy a log that is full. */
  fullRetry: 500,
  /** How long a checkpoint that writers wait for may wait for other processes. */
  checkpointWait: 250,
  /** Pause after a checkpoint that failed. */
  checkpointRetry: 5000,
  /** Bytes that the log is cut to when it begins anew: 64 MiB. */
  journalBytes: 67_108_864,
  /** KiB of page cache of each connection. */
  cacheKib: 32_768,
} as const;
