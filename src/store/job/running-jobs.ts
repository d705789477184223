import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import { StoreError } from '../error.ts';
import type { Job, JobHandler } from './job-queue.ts';

/** How a handler ended. `stopped`: it threw after the queue began to close, which is no failure. */
export type JobOutcome = { readonly kind: 'done' } | { readonly kind: 'stopped' } | JobFailure;

/** What a handler threw. */
export interface JobFailure {
  readonly kind: 'failed';
  readonly error: unknown;
}

/** The jobs that run in this process, so that closing can end them. */
export class RunningJobs {
  readonly #logger: Logger;
  readonly #closing = new AbortController();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Aborted when the queue begins to close. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Aborts the signals of all that run. */
  close(): void {
    this.#closing.abort(new StoreError('STORE_UNAVAILABLE', 'The program is being stopped; the job will run again'));
  }

  /**
   * Runs a handler until it ends. What it throws is logged.
   *
   * @param expiry aborted when the job took too long; its handler is waited for all the same, as it still does things
   */
  async run(job: Job, handler: JobHandler, expiry: AbortSignal): Promise<JobOutcome> {
    try {
      await handler(job, AbortSignal.any([this.closing, expiry]));
      return { kind: 'done' };
    } catch (error) {
      if (this.closing.aborted) return { kind: 'stopped' };
      const { queue, id, attempts } = job;
      this.#logger.error('A job failed', { queue, job: id, attempt: attempts + 1, error: errorMessage(error) });
      return { kind: 'failed', error };
    }
  }
}
