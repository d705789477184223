/** Bounds of jobs. Times in milliseconds. */
export const jobLimits = {
  /** How often a worker looks for jobs that other processes added, or that came due. */
  pollTime: 1000,
  /** How often schedules are looked at; a job of a schedule comes that much late at most. */
  scheduleTime: 10_000,
  /** The longest wait before a job is tried again. */
  longestDelay: 3_600_000,
  /** How long a job that failed for good is kept. */
  failedTime: 604_800_000,
  /** How long closing waits for handlers. */
  stopTime: 10_000,
  /** Bytes of a job's data, and characters of the message that is kept of a failure. */
  dataBytes: 262_144,
  errorLength: 2000,
  /** How often old jobs are removed, and how many of them, or of expired ones, in one transaction. */
  clearTime: 3_600_000,
  clearing: 100,
} as const;
