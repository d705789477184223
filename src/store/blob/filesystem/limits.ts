import type { PoolStep } from '../buffer-pool.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * Reads and writes of 512 KiB to 1 MiB keep up with sendfile; of 64 KiB they reach half of it. With two buffers each, 4
 * streams get 1 MiB, 8 more 512 KiB, and 64 streams use 35 MiB together.
 */
export const bufferSteps: readonly PoolStep[] = [
  { whileLent: 8 * MiB, size: MiB },
  { whileLent: 16 * MiB, size: 512 * KiB },
  { whileLent: 32 * MiB, size: 256 * KiB },
];

/** What each further stream gets. */
export const smallestBuffer: number = 64 * KiB;

/** Bytes of buffers that are kept while nobody uses them. */
export const maxFreeBuffers: number = 16 * MiB;

/** A blob or range of no more bytes is read in one go, into memory of its own. */
export const maxSingleRead: number = 64 * KiB;

/** Files that are looked at together while folders are walked. */
export const walkWidth: number = 16;
