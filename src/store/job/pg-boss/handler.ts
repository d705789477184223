import type { JobWithMetadata, PgBoss } from 'pg-boss';
import { errorMessage } from '../../../base/error.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Job, JobData, JobHandler } from '../job-queue.ts';
import { jobLimits } from '../limits.ts';
import type { RunningJobs } from '../running-jobs.ts';

/**
 * What pg-boss keeps of a job. The data is text in it: PostgreSQL's JSON takes no NUL and no half of a surrogate pair, and
 * sorts names.
 */
export interface StoredData {
  readonly json: string;
}

/** What runs the jobs of one queue. */
export interface BossHandlerOptions {
  readonly boss: PgBoss;
  readonly running: RunningJobs;
  readonly logger: Logger;
  readonly handler: JobHandler;
}

type Taken = JobWithMetadata<StoredData>;

/** Runs the jobs that pg-boss hands over, and tells it how they ended. */
export class BossHandler {
  readonly #options: BossHandlerOptions;
  readonly #taken = new Map<Taken, Promise<void>>();

  constructor(options: BossHandlerOptions) {
    this.#options = options;
  }

  /** To be given to pg-boss; what it throws makes the job fail. */
  async handle(jobs: readonly Taken[]): Promise<void> {
    for (const taken of jobs) {
      const run = this.#run(taken);
      this.#taken.set(taken, run);
      await run.finally(() => this.#taken.delete(taken));
    }
  }

  /** Resolves when no job runs any more. */
  async idle(): Promise<void> {
    while (this.#taken.size > 0) await Promise.allSettled(this.#taken.values());
  }

  /** Lets the jobs whose handlers did not end wait again. */
  async releaseAll(): Promise<void> {
    await Promise.all([...this.#taken.keys()].map((taken) => this.#release(taken)));
  }

  async #run(taken: Taken): Promise<void> {
    const { boss, running, handler } = this.#options;
    if (running.closing.aborted) return this.#release(taken);
    const stopTelling = this.#tellExpiry(taken);
    const outcome = await running.run(jobOf(taken), handler, taken.signal);
    stopTelling();
    if (outcome.kind === 'stopped') return this.#release(taken);
    // pg-boss keeps what it is thrown, with all that hangs on it; the message is enough.
    if (outcome.kind === 'failed') throw plain(errorMessage(outcome.error));
    // A job that was done is no longer needed, and pg-boss would keep it as long as one that failed.
    await boss.deleteJob(taken.name, taken);
    return undefined;
  }

  /** pg-boss lets a job fail that takes too long, and aborts its signal; its handler may go on and never throw. */
  #tellExpiry({ name, id, signal }: Taken): () => void {
    const tell = (): void => {
      if (this.#options.running.closing.aborted) return;
      this.#options.logger.error('A job took too long', { queue: name, job: id });
    };
    signal.addEventListener('abort', tell, { once: true });
    return () => signal.removeEventListener('abort', tell);
  }

  /** pg-boss counts this as a try that failed, but when it was the last one, it gets another. */
  async #release(taken: Taken): Promise<void> {
    const { boss } = this.#options;
    await boss.fail(taken.name, taken, { message: 'The program was stopped' });
    await boss.retry(taken.name, taken.id);
  }
}

function jobOf({ id, name, data, retryCount }: Taken): Job {
  return { id, queue: name, data: JSON.parse(data.json) as JobData, attempts: retryCount };
}

function plain(message: string): Error {
  const error = new Error(message.slice(0, jobLimits.errorLength));
  delete error.stack;
  return error;
}
