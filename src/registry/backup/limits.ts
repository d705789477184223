/** How a registry is copied. */
export const backupLimits = {
  /** Blobs copied at a time: disks do some at once, and a registry that serves from the same disk must not wait. */
  width: 4,
  /** Milliseconds in which a pass over all blobs must end for the records to be copied after it, and most such passes. */
  shortPass: 60_000,
  passes: 5,
  /** Times that records are copied anew because blobs were deleted and collected before their bytes were copied. */
  rounds: 4,
  /** Damaged blobs that are listed; all are counted. */
  damaged: 1000,
  /** Bytes of the file that describes a backup. */
  manifestBytes: 1_048_576,
  /** Bytes of one blob, whatever its record says: 1 TiB. */
  blobBytes: 1_099_511_627_776,
} as const;
