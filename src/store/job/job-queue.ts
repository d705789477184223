import type { SqlQueries } from '../sql/database.ts';

/** What a job is about: plain JSON. */
export type JobData = Readonly<Record<string, unknown>>;

/** A job that was handed to a worker. */
export interface Job {
  readonly id: string;
  readonly queue: string;
  readonly data: JobData;
  /** How often it was tried before. */
  readonly attempts: number;
}

/** How a queue treats its jobs. Times in milliseconds; a driver may round them up to whole seconds. */
export interface QueueOptions {
  /**
   * Times that a failed job is tried again, and the first wait, doubled each time up to an hour. A driver may take up to half
   * of a wait off, so that jobs which failed together do not come back together.
   */
  readonly retries: number;
  readonly retryDelay: number;
  /**
   * A job that runs longer counts as failed, its signal is aborted, and another worker may take it. For a job whose worker
   * was killed, that may be found up to a minute late. A day at most.
   */
  readonly expiresAfter: number;
}

/** How one job is added. */
export interface AddJobOptions {
  /** A second job of the same queue and key is not added while the first waits or runs. Not empty. */
  readonly key?: string;
  /** Milliseconds since 1970; not before. */
  readonly runAt?: number;
}

/**
 * What a worker does with a job. It is called again after a kill or a failure, so it must bear being done twice. The signal is
 * aborted when the job expires and when the queue is closed.
 */
export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>;

/** How many jobs wait, run and failed for good. */
export interface QueueCounts {
  readonly waiting: number;
  readonly running: number;
  /** Of the last seven days. */
  readonly failed: number;
}

/**
 * Jobs in the same database as the records, so that none is lost when a process ends. Each is done at least once. What a
 * handler throws is logged, and kept with the job for seven days when it failed for good.
 *
 * Closing takes no further jobs, aborts the signals of those that run and waits for their handlers up to a bound. What a
 * handler throws then is no failure: the job waits again, for any worker. A driver may count it as tried, but no job is given
 * up for it.
 *
 * All methods throw StoreError STORE_UNAVAILABLE; STORE_SETTING_INVALID for names of queues that are no lower-case words
 * with `-` between them, for queues that were not declared, and for times that cannot be read.
 */
export interface JobQueue extends AsyncDisposable {
  /** Declares a queue; the same again changes its options. */
  declare(queue: string, options: QueueOptions): Promise<void>;
  /** Adds a job, durably; undefined when one of the same key is there. */
  add(queue: string, data: JobData, options?: AddJobOptions): Promise<string | undefined>;
  /**
   * Runs a job at the minutes that a cron expression says (see `cron.ts`; UTC), once however many processes are there. A
   * queue has one schedule, and the same again changes it. While a job of the schedule waits or runs, none is added; after a
   * time without any process, one is added for all that were missed.
   */
  schedule(queue: string, cron: string, data: JobData): Promise<void>;
  unschedule(queue: string): Promise<void>;
  /** Begins to take jobs, at most `width` at a time; once for each queue. */
  work(queue: string, width: number, handler: JobHandler): Promise<void>;
  counts(queue: string): Promise<QueueCounts>;
}

/** Jobs in the very database of the records, so that one can be added in the transaction that it follows from. */
export interface TransactionalJobQueue extends JobQueue {
  /**
   * Adds a job in a transaction of the caller: it is there when that commits, and never was when it does not. The queue must have
   * been declared. Workers find it when they look next, or are woken.
   */
  addWithin(queries: SqlQueries, queue: string, data: JobData, options?: AddJobOptions): Promise<string | undefined>;
  /** Lets this process's worker of a queue look for jobs now. */
  wake(queue: string): void;
}
