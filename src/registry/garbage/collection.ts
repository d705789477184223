import type { Logger } from '../../base/logger.ts';
import type { Content } from '../content/content.ts';
import type { StepPace } from './step-pace.ts';
import type { GarbageReport, GarbageTally } from './report.ts';

/** What a collector needs of a registry. */
export type CollectedContent = Pick<Content, 'database' | 'blobs' | 'now' | 'wait'>;

/** A collection under way: what all its steps share. */
export interface Collection {
  readonly content: CollectedContent;
  readonly tally: GarbageTally;
  /** Nothing that was used since then is garbage. Fixed at the start, so that a step never overtakes the one before. */
  readonly before: number;
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
  readonly logger: Logger;
  readonly pace: StepPace;
  readonly onProgress: (report: GarbageReport) => void;
}

/**
 * Between two steps: tells how far it is, stops where that was asked, and rests, the longer the longer the step took: on a busy
 * machine steps take longer, and whoever pushes needs the time.
 */
export async function rest({ content, tally, signal, onProgress, pace }: Collection): Promise<void> {
  onProgress({ ...tally, lost: [...tally.lost], endedAt: content.now() });
  signal?.throwIfAborted();
  await content.wait(pace.restAfterStep(), signal);
  pace.beginStep();
}
