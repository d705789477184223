import type { Logger } from '../../base/logger.ts';
import type { ProgressTask } from '../../base/progress.ts';
import type { Content } from '../content/content.ts';
import { scrubLimits } from './limits.ts';
import type { Pace } from './pace.ts';
import type { ScrubTally } from './report.ts';

/** What a scrub needs of a registry. */
export type ScrubbedContent = Pick<Content, 'database' | 'blobs' | 'sparse' | 'now' | 'wait'>;

/** A scrub under way: what all its steps share. */
export interface Scrubbing {
  readonly content: ScrubbedContent;
  readonly tally: ScrubTally;
  readonly pace: Pace;
  readonly repair: boolean;
  /** Whether bytes are hashed, or only counted. */
  readonly hash: boolean;
  /** Bytes that nothing knows are left alone when they were written since. */
  readonly before: number;
  readonly signal: AbortSignal | undefined;
  readonly logger: Logger;
  /** Of the step at hand: manifests, blobs, or bytes. */
  task: ProgressTask;
}

/** Between two batches: lets others go on, and stops where that was asked. */
export async function rest({ content, signal }: Scrubbing): Promise<void> {
  signal?.throwIfAborted();
  await content.wait(scrubLimits.rest, signal);
}
