/** What a collection did; in a dry run, what it would do. Plain data. */
export interface GarbageReport {
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** False when it was stopped; the next one begins anew and misses nothing. */
  readonly finished: boolean;
  /** Links of repositories to blobs, and blobs, that were looked at. */
  readonly lookedAtLinks: number;
  readonly lookedAtBlobs: number;
  /** Blobs that were taken from a repository, since no manifest of it names them. */
  readonly unlinked: number;
  /** Blobs that no repository had any more, and the bytes that they took. */
  readonly removedBlobs: number;
  readonly freedBytes: number;
  /** Blobs that another collector had left marked, because it was killed or is stalled. They count as removed, too. */
  readonly takenOver: number;
  /** Blobs that were marked and not removed, since that took too long or failed; a later collection takes them over. */
  readonly leftMarked: number;
  /** Blobs whose bytes were removed although they were pushed anew meanwhile; they are shown as missing and are to be pushed. */
  readonly lost: readonly string[];
  /** Uploads that were given up, and what lay about of uploads that nobody knew; a dry run cannot tell the latter. */
  readonly expiredUploads: number;
  readonly strayUploads: number;
}

/** A report while it is written. */
export type GarbageTally = { -readonly [Key in keyof GarbageReport]: GarbageReport[Key] } & { lost: string[] };

/** One that says nothing yet. */
export function newTally(dryRun: boolean, startedAt: number): GarbageTally {
  return {
    dryRun,
    startedAt,
    endedAt: startedAt,
    finished: false,
    lookedAtLinks: 0,
    lookedAtBlobs: 0,
    unlinked: 0,
    removedBlobs: 0,
    freedBytes: 0,
    takenOver: 0,
    leftMarked: 0,
    lost: [],
    expiredUploads: 0,
    strayUploads: 0,
  };
}
