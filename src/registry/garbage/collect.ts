import { type Logger, silentLogger } from '../../base/logger.ts';
import { limits } from '../limits.ts';
import type { CollectedContent, Collection } from './collection.ts';
import { expireUploads } from './expire-uploads.ts';
import { garbageLimits } from './limits.ts';
import { StepPace } from './step-pace.ts';
import { type GarbageReport, newTally } from './report.ts';
import { sweepAll, takeOverLeft } from './sweep.ts';
import { unlinkAll } from './unlink.ts';

/** How garbage is collected. */
export interface GarbageOptions {
  /**
   * Milliseconds for which a blob that nothing names is left alone; by default `limits.lease`. Less takes what a HEAD request was just
   * told to be there, since these do not renew a lease each time.
   */
  readonly grace?: number;
  /** Milliseconds without a byte after which an upload is given up. */
  readonly uploadAge?: number;
  /** Changes nothing, and tells what would go. */
  readonly dryRun?: boolean;
  /**
   * Share of the time in which it works, at most 1 (by default `garbageLimits.share`); in the rest it leaves the database and the
   * disk to others.
   */
  readonly share?: number;
  /** Stops it after the step at hand. */
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  /** Told after each step how far it is. */
  readonly onProgress?: (report: GarbageReport) => void;
}

/**
 * Collects garbage once, while the registry is in use: pushes wait at most for one small transaction, and for the removal of
 * the very bytes that they bring. It may be killed at any moment and be run again, and run in many processes at once.
 *
 * First it takes blobs from repositories whose manifests do not name them, then it removes blobs that no repository has, and at last
 * it gives up old uploads. All of it looks only at what was not used for the grace (`used_at`, which pushes, mounts and HEAD
 * requests renew), so what a client has just pushed, mounted or asked for is there when its manifest comes.
 *
 * A signal that is aborted ends it with a report that is not `finished`.
 *
 * @throws StoreError when the database fails; what cannot be removed from the blob store is logged, and left to the next time
 */
export async function collectGarbage(content: CollectedContent, options: GarbageOptions = {}): Promise<GarbageReport> {
  const { dryRun = false, signal, logger = silentLogger, onProgress = () => undefined } = options;
  const startedAt = content.now();
  const tally = newTally(dryRun, startedAt);
  const before = startedAt - (options.grace ?? limits.lease);
  const pace = new StepPace(options.share ?? garbageLimits.share);
  const collection: Collection = { content, tally, before, dryRun, signal, logger, onProgress, pace };
  try {
    await takeOverLeft(collection);
    await unlinkAll(collection);
    await sweepAll(collection);
    await expireUploads(collection, startedAt - (options.uploadAge ?? garbageLimits.uploadAge));
    tally.finished = true;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  tally.endedAt = content.now();
  return tally;
}
