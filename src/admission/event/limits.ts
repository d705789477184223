/** What events may take of a cluster and of this process. Times in milliseconds. */
export const eventLimits = {
  /** Series that are held: what happens again within them is counted, and nothing else is held of it. */
  series: 1000,
  /** Events that one review may begin. */
  perReview: 20,
  /** Bytes of what an event tells, and characters of the other texts (Kubernetes API, events.k8s.io/v1). */
  note: 1024,
  instance: 128,
  /** Characters of one rule's message in it. */
  message: 400,
  /** Between two writes about one series, and how long it goes on after the last of it. */
  seriesPause: 300_000,
  seriesEnd: 600_000,
  /** Writes per second over time, and at once after a rest. */
  perSecond: 2,
  burst: 25,
  /** Tries of one write while the cluster cannot be asked. */
  tries: 3,
  /** How often it is looked whether something is to be written about series. */
  look: 5000,
} as const;
