/** What the operator keeps, and how fast it goes. Times in milliseconds, sizes in bytes. */
export const operatorLimits = {
  /** Pods, Jobs and Nodes that are known, each; the others are counted. */
  objects: 200_000,
  /** Images of one Pod. */
  podImages: 100,
  /** Places of one digest that are tried, each with credentials of its own. */
  places: 8,
  /** Reports of one kind that are known. */
  reports: 500_000,
  /** How long what changed is waited for, so that what changes together is looked at together. */
  settleTime: 1000,
  /** How often all is looked at, whatever changed. */
  lookTime: 60_000,
  /** How often the vulnerability database is looked at. */
  databaseTime: 30_000,
  /** How long something must have run nowhere before its report is removed: Pods come back. */
  goneTime: 600_000,
  /** The pause after a failure, doubled with each one more. */
  leastPause: 30_000,
  mostPause: 3_600_000,
  /** Reports that are written a second, and at once after a rest; and under way at a time. */
  writes: { qps: 25, burst: 50, width: 4 },
  /** Of findings, or of components, in one object: etcd takes some 1.5 MB of it (etcd, "Request size limit"). */
  reportBytes: 1_000_000,
  /** Findings that a worker tells: more than have room in a report. */
  findingBytes: 1_500_000,
  /** One question to a worker besides scans. */
  askTime: 120_000,
  /** What is kept of images on disk. */
  keptBytes: 536_870_912,
  /** One request to the operator's server. */
  headTime: 10_000,
  connections: 100,
  /** How long requests under way may take at the end. */
  closeTime: 5000,
} as const;
