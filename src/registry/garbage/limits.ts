/** How garbage is collected: in steps so small that pushes hardly notice them. Times in milliseconds. */
export const garbageLimits = {
  /** Rows of a table that are looked through at once, outside a transaction: about a millisecond. */
  stretch: 250,
  /** Rows that one transaction changes: each lies on another page of the database. */
  batch: 50,
  /** Bytes are removed from the blob store so many blobs at a time. */
  width: 8,
  /** Share of the time that steps take by default: pushes hardly notice, and thousands of blobs go each second. */
  share: 0.1,
  /** Rest after each step. */
  rest: 1,
  longestRest: 1000,
  /**
   * Time from the mark of a batch to the last moment at which one of its removals may begin, and time after which another
   * collector takes over what is still marked; see remove-marked.ts. The difference is what a collector may be stalled for
   * between looking at the clock and removing, plus what the clocks of two machines may differ by.
   */
  markTime: 30_000,
  takeOver: 300_000,
  /** Uploads that are read at once: each may hold some bytes of its own. */
  uploads: 50,
  /** Time without a byte after which an upload is thrown away. */
  uploadAge: 86_400_000,
} as const;
