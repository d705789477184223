/** How a registry is scrubbed: slowly, beside its work. */
export const scrubLimits = {
  /** Rows, or blobs of the store, that are looked at in one go. */
  batch: 256,
  /** Findings that a report lists; all are counted, and told as they are found. */
  findings: 1000,
  /** Repositories that are named for a blob. */
  holders: 5,
  /** Bytes that are read each second to be hashed, unless told otherwise (64 MiB). */
  bytesPerSecond: 67_108_864,
  /** Looks at a blob that somebody stores at the same time. */
  looks: 3,
  /** Milliseconds of rest after each batch. */
  rest: 2,
} as const;
