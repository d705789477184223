/** Bounds of a registry of several processes. Times in milliseconds. */
export const workerLimits = {
  /** From the start of a process until it listens; it may have tables to bring up to date. */
  startTime: 120_000,
  /** For one process to answer with its numbers; Prometheus itself gives up after 10 s. */
  measureTime: 6000,
  /** For one process to take a changed configuration. */
  applyTime: 30_000,
  /** For running requests to end; afterwards the process is killed, which loses nothing that was answered. */
  stopTime: 20_000,
  /** Waits before a process that ended is replaced: at once in the end, but not without a pause where it ends each time. */
  restart: { first: 250, longest: 30_000 },
  /** A process that lived for so long has not failed at its start. */
  settled: 60_000,
} as const;

/** The wait before a process is replaced, after so many that ended soon after their start, one after another. */
export function restartWait(failures: number): number {
  const { first, longest } = workerLimits.restart;
  return Math.min(longest, first * 2 ** Math.min(Math.max(failures - 1, 0), 30));
}
