import { type Logger, silentLogger } from '../../base/logger.ts';
import { limits } from '../limits.ts';
import { checkBlobs } from './check-blobs.ts';
import { checkLinks, checkManifests } from './check-manifests.ts';
import { checkOrphans } from './check-orphans.ts';
import type { Finding } from './finding.ts';
import { scrubLimits } from './limits.ts';
import { Pace } from './pace.ts';
import { type ScrubReport, ScrubTally } from './report.ts';
import type { ScrubbedContent, Scrubbing } from './scrubbing.ts';

/** How a registry is scrubbed. */
export interface ScrubOptions {
  /** Hides damaged blobs from clients until they are pushed again, removes bytes that nothing knows, records lost links. */
  readonly repair?: boolean;
  /** Whether bytes in the blob store are read and hashed (by default), or only their number is looked at. */
  readonly hash?: boolean;
  /** How many bytes are read each second. */
  readonly bytesPerSecond?: number;
  /** Milliseconds for which bytes that nothing knows are left alone. */
  readonly grace?: number;
  /** Goes on after this digest, where an earlier scrub was stopped (`lastBlob` of its report). */
  readonly after?: string;
  /** Stops it at the next blob. */
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  /** Told of each finding at once. */
  readonly onFinding?: (finding: Finding) => void;
}

/**
 * Compares records and bytes both ways, while the registry is in use: that what is recorded is there and whole, that what is there
 * is recorded, and that what manifests name is in their repository. What is just being pushed, deleted or collected is looked at
 * again before it counts as wrong.
 *
 * A signal that is aborted ends it with a report that is not `finished`.
 *
 * @throws StoreError when the database or the blob store cannot be read: that says nothing about what is in it
 */
export async function scrubRegistry(content: ScrubbedContent, options: ScrubOptions = {}): Promise<ScrubReport> {
  const { repair = false, hash = true, signal, logger = silentLogger, onFinding = () => undefined } = options;
  const startedAt = content.now();
  const tally = new ScrubTally(repair, startedAt, options.after ?? '', onFinding);
  const pace = new Pace(content, options.bytesPerSecond ?? scrubLimits.bytesPerSecond);
  const before = startedAt - (options.grace ?? limits.lease);
  const scrubbing: Scrubbing = { content, tally, pace, repair, hash, before, signal, logger };
  try {
    // Lost links first: garbage collection may come at any time.
    await checkManifests(scrubbing);
    await checkLinks(scrubbing);
    await checkOrphans(scrubbing);
    await checkBlobs(scrubbing);
    tally.finished = true;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  return tally.report(content.now());
}
