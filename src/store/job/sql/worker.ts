import { errorMessage } from '../../../base/error.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Clock } from '../../../net/clock.ts';
import type { JobHandler } from '../job-queue.ts';
import type { JobOutcome, RunningJobs } from '../running-jobs.ts';
import type { ClaimedJob, JobRecords } from './records.ts';
import { Trouble } from './trouble.ts';

/** What a worker needs. */
export interface WorkerOptions {
  readonly queue: string;
  readonly width: number;
  readonly handler: JobHandler;
  readonly records: JobRecords;
  readonly running: RunningJobs;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollTime: number;
}

/** Takes the jobs of one queue and runs them, at most `width` at a time, until the queue is closed. */
export class JobWorker {
  readonly #options: WorkerOptions;
  readonly #claimed = new Map<ClaimedJob, Promise<void>>();
  #nap = new AbortController();
  #isWoken = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Looks for jobs now rather than at the next poll. */
  wake(): void {
    this.#isWoken = true;
    this.#nap.abort();
  }

  /** Runs until the queue begins to close. Trouble with the database is logged once, and waited out. */
  async run(): Promise<void> {
    const { running, logger, queue, pollTime } = this.#options;
    const trouble = new Trouble(logger, { queue });
    running.closing.addEventListener('abort', () => this.wake(), { once: true });
    while (!running.closing.aborted) {
      this.#isWoken = false;
      const pause = await trouble.ride(() => this.#look(), pollTime);
      await this.#sleep(pause);
    }
  }

  /** Resolves when no job runs any more, and the outcome of each is kept. */
  async idle(): Promise<void> {
    while (this.#claimed.size > 0) await Promise.all(this.#claimed.values());
  }

  /** Lets the jobs whose handlers did not end wait again. */
  async releaseAll(): Promise<void> {
    const { records, clock } = this.#options;
    await Promise.all([...this.#claimed.keys()].map((job) => records.release(job, clock.now())));
  }

  /** Takes what there is, and gives the time to the next look. */
  async #look(): Promise<number> {
    const { queue, width, records, clock, logger, pollTime } = this.#options;
    const next = await records.nextTime(queue);
    const free = width - this.#claimed.size;
    const wait = (next ?? Infinity) - clock.now();
    if (wait > 0) return Math.min(pollTime, wait);
    if (free <= 0) return pollTime;
    const { jobs, expired } = await records.claim(queue, free, clock.now());
    for (const job of expired) logger.error('A job took too long', { queue, job });
    for (const job of jobs) this.#claimed.set(job, this.#run(job));
    return jobs.length === free || (jobs.length === 0 && expired.length === 0) ? pollTime : 0;
  }

  async #run(claimed: ClaimedJob): Promise<void> {
    const { running, handler, clock, logger } = this.#options;
    const over = new AbortController();
    const expiry = new AbortController();
    // The job is among those that run before its handler may end.
    await Promise.resolve();
    const expiring = clock.sleep(claimed.expiresAfter, over.signal).then(
      () => expiry.abort(new Error('The job took too long')),
      () => undefined,
    );
    try {
      await this.#settle(claimed, await running.run(claimed.job, handler, expiry.signal));
    } catch (error) {
      // It stays taken until it expires, and is then done again.
      logger.error('The outcome of a job could not be kept', {
        queue: claimed.job.queue,
        job: claimed.job.id,
        error: errorMessage(error),
      });
    } finally {
      over.abort();
      await expiring;
      this.#claimed.delete(claimed);
      this.wake();
    }
  }

  async #settle(job: ClaimedJob, outcome: JobOutcome): Promise<void> {
    const { records, clock } = this.#options;
    if (outcome.kind === 'done') await records.complete(job);
    else if (outcome.kind === 'stopped') await records.release(job, clock.now());
    else await records.fail(job, errorMessage(outcome.error), clock.now());
  }

  async #sleep(time: number): Promise<void> {
    if (this.#isWoken) return;
    this.#nap = new AbortController();
    await this.#options.clock.sleep(time, this.#nap.signal).catch(() => undefined);
  }
}
