import type { SpoolUse } from '../../../store/metadata/upstream-spool.ts';

/** What may be in the spool. */
export interface SpoolBounds {
  /** Bytes of all upstreams together. */
  readonly most: number;
  /** Whether there are several upstreams, which must leave each other room. */
  readonly isShared: boolean;
}

/** Whether there is room: not where the spool is full, nor where an upstream has its share of it. */
export type SpoolAnswer = 'room' | 'full' | 'share';

/**
 * Says whether a blob may come into the spool. An upstream may hold no more than it leaves free, so that one whose blobs stall takes half,
 * a second one half of the rest, and there is always something for the next (the threshold of shared buffers of Choudhury and Hahne,
 * "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches", 1998). One that holds nothing takes what there is: else a blob of
 * more than half would never come.
 *
 * @param use what is in the spool, without the blob
 */
export function askRoom({ all, own }: SpoolUse, bytes: number, { most, isShared }: SpoolBounds): SpoolAnswer {
  const free = most - all - bytes;
  if (free < 0) return 'full';
  return isShared && own > 0 && own + bytes > free ? 'share' : 'room';
}
