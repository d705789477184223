/** What looking over a cluster may take. Times in milliseconds. */
export const backgroundLimits = {
  /** From one look over all to the next, where nothing else is said. */
  interval: 3_600_000,
  /** The share of it by which looks differ, so that clusters do not ask registries at the same time. */
  jitter: 0.1,
  /** Objects of one page, and those that are judged at a time: a hundredth of what reviews may be. */
  pageSize: 200,
  width: 4,
  /** The longest that one object may take. */
  judgeTime: 60_000,
  /** How often it is seen whether there is something to do, and the pause after a failure. */
  look: 5000,
  pause: 30_000,
} as const;
