/** Bounds of processes that scan, and of what comes back of them. Times in milliseconds, sizes in bytes. */
export const processLimits = {
  /** From the start of a worker until it answers. */
  startTime: 30_000,
  /** A worker with nothing to do is ended. */
  idleTime: 30_000,
  /** How often the memory of a worker is looked at. */
  memoryTime: 100,
  /** A scan gives way to others when it waits for its content, of which fewer bytes came in this time. */
  paceTime: 5000,
  paceBytes: 1_048_576,
  /** Threads of a worker for zlib and files, where there are as many processors. */
  unpackingThreads: 4,
  /** What a worker says on its standard error that is kept for the log. */
  errorBytes: 4096,
  /** One question between a worker and whoever it works for. */
  messageBytes: 8_388_608,
  /** Bytes under way of one answer: enough to keep both sides busy, little enough to bound memory. */
  window: 4_194_304,
  /** Bytes of one piece of an answer, so that several answers take turns. */
  piece: 262_144,
  /** Characters of a line of an answer that is lines. */
  lineLength: 65_536,
  /** Stored bytes from which a layer is worth a file of its own, and how often it is told what was read of it. */
  fileBytes: 1_048_576,
  readTime: 1000,
  /** Files whose growth is followed at once; more layers are sent their bytes. */
  growingFiles: 16,
  /** Files of one image that are lent and held open, so that descriptors are left for the database; more layers are sent their bytes. */
  lentFiles: 128,
  /** Answers under way at once. */
  streams: 64,
  /** What is taken back of one image: its packages, inventory and findings. */
  resultBytes: 100_663_296,
  /** Distinct packages of one image; the largest known images have some 20,000. */
  packages: 200_000,
  /** Unpacked bytes of what is kept of one image. */
  evidenceBytes: 268_435_456,
  /** Characters of what is told of a failure. */
  messageLength: 500,
} as const;
