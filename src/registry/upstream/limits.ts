/** What an upstream may make the registry wait for, hold or repeat. Times are milliseconds. */
export const upstreamLimits = {
  /** To connect, and for the head of an answer: clients wait meanwhile, and most give up after a minute. */
  connectTime: 5000,
  headTime: 20_000,
  /** Silence in the middle of a manifest, list or token, and the waiting time over which its speed is judged. */
  documentTime: 10_000,
  /** Times that a manifest or list is asked for again when nothing else could be served, and the pause before. */
  retries: 2,
  retryPause: 300,
  /** Failures in a row after which an upstream is left alone, and the time until it is asked again. */
  failures: 5,
  circuitPause: 15_000,
  /** How long an upstream is left alone that says 429 without saying for how long, and at most. */
  limitedPause: 30_000,
  longestPause: 3_600_000,
  /** How long a tag is not asked for again after that failed. */
  failurePause: 10_000,
  /** Names that are remembered as absent. */
  absentNames: 10_000,
  /** For which a lease holds, how often it is renewed, how often others look, and how long they wait for what is no blob. */
  lease: 15_000,
  leaseRenewal: 5000,
  leaseLook: 25,
  leaseLookMost: 250,
  leaseWait: 60_000,
  /** After which credentials are looked up anew, and tokens with them. */
  clientAge: 1_800_000,
  clientRenewal: 60_000,
  /** What was shown to an upstream before, and is kept out of its messages still. */
  pastSecrets: 64,
  /** Bytes at the end of a blob that nobody gets before all of it has been compared with its digest. */
  heldBytes: 65_536,
  /** Times that a blob is asked for from its start when nothing of it came. */
  blobRetries: 2,
  /**
   * A blob of which fewer bytes came in this time lends its place to one that waits; how often that is looked at, and how many places may
   * be lent for each that there is.
   */
  placeTime: 3000,
  placeBytes: 65_536,
  placeLook: 250,
  placesLent: 3,
  /** How long a blob waits for room in the spool. */
  roomWait: 60_000,
  /** Bytes of a disk that the spool leaves free. */
  freeBytes: 268_435_456,
  /** Manifests of a repository that are looked at for the size of one blob. */
  sizeSources: 8,
  /** How long lists count, the most bytes of one that is kept, and how long it is. */
  listAge: 60_000,
  listBytes: 8_388_608,
  listKept: 2_592_000_000,
  /** Tags of a repository that patterns are compared with, those that are fetched beforehand, and blobs of one image at a time. */
  listedTags: 100_000,
  prefetchedTags: 200,
  prefetchWidth: 3,
  /** How long a client waits for the first bytes of a blob before it gets at least the head of an answer. */
  silentWait: 20_000,
  /** Bytes after which readers of a growing blob are told of them, or the milliseconds. */
  growthStep: 262_144,
  growthDelay: 20,
  /** Bytes of a growing blob of which it is remembered when they came: as many as keep a scan waiting for it (`scanningLimits.paceBytes`). */
  flowBytes: 3_145_728,
  /** How often the growth of a file is looked at that another process writes. */
  growthLook: 50,
  /** Bytes of one list of what runs: what `kubectl` prints of some 20,000 pods. */
  runningBytes: 268_435_456,
} as const;
