import { type Logger, silentLogger } from '../../base/logger.ts';
import { type Progress, type ProgressTask, silentProgress } from '../../base/progress.ts';
import { storeTotals } from '../../store/metadata/overview.ts';
import { limits } from '../limits.ts';
import { checkBlobs } from './check-blobs.ts';
import { checkLinks, checkManifests } from './check-manifests.ts';
import { checkOrphans } from './check-orphans.ts';
import type { Finding } from './finding.ts';
import { scrubLimits } from './limits.ts';
import { Pace } from './pace.ts';
import { type ScrubReport, ScrubTally } from './report.ts';
import type { RepairJournal, ScrubbedContent, Scrubbing } from './scrubbing.ts';

const idle: ProgressTask = silentProgress.start('');

interface Step {
  readonly label: string;
  readonly unit: 'bytes' | 'items';
  readonly total: number | undefined;
  readonly run: (scrubbing: Scrubbing) => Promise<void>;
}

/** Lost links first: garbage collection may come at any time. Everything is counted only where somebody watches. */
async function stepsOf(content: ScrubbedContent, hash: boolean, progress: Progress): Promise<readonly Step[]> {
  const totals = progress === silentProgress ? undefined : await storeTotals(content.database);
  const [unit, all] = hash ? (['bytes', totals?.bytes] as const) : (['items', totals?.blobs] as const);
  return [
    { label: 'Checking manifests', unit: 'items', total: totals?.manifests, run: checkManifests },
    { label: 'Checking repositories', unit: 'items', total: undefined, run: checkLinks },
    { label: 'Looking for unknown bytes', unit: 'items', total: undefined, run: checkOrphans },
    { label: hash ? 'Reading blobs' : 'Looking at blobs', unit, total: all, run: checkBlobs },
  ];
}

/** How a registry is scrubbed. */
export interface ScrubOptions {
  /** Hides damaged blobs from clients until they are pushed again, removes bytes that nothing knows, records lost links. */
  readonly repair?: boolean;
  /** Writes down what is repaired. */
  readonly journal?: RepairJournal;
  /** Whether bytes in the blob store are read and hashed (by default), or only their number is looked at. */
  readonly hash?: boolean;
  /** How many bytes are read each second. */
  readonly bytesPerSecond?: number;
  /** Milliseconds for which bytes that nothing knows are left alone. */
  readonly grace?: number;
  /** Goes on after this digest, where an earlier scrub was stopped (`lastBlob` of its report). */
  readonly after?: string;
  /** Whether what manifests of a repository name need not be there: where it comes from an upstream. By default of none. */
  readonly isSparse?: (repository: string) => boolean;
  /** Stops it at the next blob. */
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  /** Told of each step. */
  readonly progress?: Progress;
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
  const { progress = silentProgress, journal = () => Promise.resolve(), isSparse = () => false } = options;
  const startedAt = content.now();
  const tally = new ScrubTally(repair, startedAt, options.after ?? '', onFinding);
  const pace = new Pace(content, options.bytesPerSecond ?? scrubLimits.bytesPerSecond);
  const before = startedAt - (options.grace ?? limits.lease);
  const scrubbing: Scrubbing = {
    content,
    tally,
    pace,
    repair,
    journal,
    hash,
    before,
    isSparse,
    signal,
    logger,
    task: idle,
  };
  try {
    for (const { label, unit, total, run } of await stepsOf(content, hash, progress)) {
      scrubbing.task = progress.start(label, { unit, ...(total === undefined ? {} : { total }) });
      try {
        await run(scrubbing);
      } finally {
        scrubbing.task.finish();
      }
    }
    tally.finished = true;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  return tally.report(content.now());
}
