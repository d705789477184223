import type { Logger } from '../../base/logger.ts';
import type { ProgressTask } from '../../base/progress.ts';
import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import type { Content } from '../content/content.ts';
import type { FindingKind } from './finding.ts';
import { scrubLimits } from './limits.ts';
import type { Pace } from './pace.ts';
import type { ScrubTally } from './report.ts';

/** What a scrub needs of a registry. */
export type ScrubbedContent = Pick<Content, 'database' | 'blobs' | 'sparse' | 'now' | 'wait'>;

/** One thing that is changed to mend what was found. */
export interface Repair {
  readonly kind: FindingKind;
  readonly digest: Digest;
  /** Where one is concerned. */
  readonly repository?: string;
}

/** Writes down what is mended, in the transaction that does it. */
export type RepairJournal = (queries: SqlQueries, repair: Repair) => Promise<void>;

/** A scrub under way: what all its steps share. */
export interface Scrubbing {
  readonly content: ScrubbedContent;
  readonly tally: ScrubTally;
  readonly pace: Pace;
  readonly repair: boolean;
  readonly journal: RepairJournal;
  /** Whether bytes are hashed, or only counted. */
  readonly hash: boolean;
  /** Bytes that nothing knows are left alone when they were written since. */
  readonly before: number;
  /** Whether manifests of a repository name what need not be there, since it is fetched when somebody asks for it. */
  readonly isSparse: (repository: string) => boolean;
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
