import { silentLogger, type Logger } from '../../../base/logger.ts';
import { systemClock, type Clock } from '../../../net/clock.ts';
import { StoreError } from '../../error.ts';
import type { SqlDatabase, SqlQueries } from '../../sql/database.ts';
import { migrate } from '../../sql/migrate.ts';
import { checkQueueName, checkQueueOptions, encodeJob } from '../check.ts';
import type { AddJobOptions, JobData, JobHandler, QueueCounts, QueueOptions } from '../job-queue.ts';
import type { TransactionalJobQueue } from '../job-queue.ts';
import { jobLimits } from '../limits.ts';
import { RunningJobs } from '../running-jobs.ts';
import { insert, JobRecords, type NewJob } from './records.ts';
import { ScheduleRecords } from './schedules.ts';
import { jobTables } from './tables.ts';
import { Trouble } from './trouble.ts';
import { JobWorker } from './worker.ts';

/** How to open jobs that are kept in tables of a database. Times in milliseconds. */
export interface SqlJobQueueOptions {
  /** Stays open when the queue is closed. */
  readonly database: SqlDatabase;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly pollTime?: number;
  readonly scheduleTime?: number;
  /** How long closing waits for handlers. */
  readonly stopTime?: number;
}

/**
 * Opens jobs that are kept in tables of a database, SQLite or PostgreSQL, and makes the tables when they are not there.
 *
 * @throws StoreError STORE_UNAVAILABLE, STORE_TOO_NEW
 */
export async function openSqlJobQueue(options: SqlJobQueueOptions): Promise<TransactionalJobQueue> {
  await migrate(options.database, jobTables, 'job_schema_steps');
  return new SqlJobQueue(options);
}

class SqlJobQueue implements TransactionalJobQueue {
  readonly #options: Required<Omit<SqlJobQueueOptions, 'database'>>;
  readonly #records: JobRecords;
  readonly #schedules: ScheduleRecords;
  readonly #running: RunningJobs;
  readonly #workers = new Map<string, JobWorker>();
  readonly #loops = new Set<Promise<void>>();
  #isScheduling = false;

  constructor({ database, ...options }: SqlJobQueueOptions) {
    this.#options = { logger: silentLogger, clock: systemClock, ...jobLimits, ...options };
    this.#records = new JobRecords(database);
    this.#schedules = new ScheduleRecords(database);
    this.#running = new RunningJobs(this.#options.logger);
  }

  async declare(queue: string, options: QueueOptions): Promise<void> {
    checkQueueName(queue);
    checkQueueOptions(options);
    await this.#records.declare(queue, options);
  }

  async add(queue: string, data: JobData, options: AddJobOptions = {}): Promise<string | undefined> {
    this.#check();
    const id = await this.#records.add(this.#newJob(queue, data, options));
    this.wake(queue);
    return id;
  }

  async addWithin(
    queries: SqlQueries,
    queue: string,
    data: JobData,
    options: AddJobOptions = {},
  ): Promise<string | undefined> {
    this.#check();
    return insert(queries, this.#newJob(queue, data, options));
  }

  wake(queue: string): void {
    this.#workers.get(queue)?.wake();
  }

  async schedule(queue: string, cron: string, data: JobData): Promise<void> {
    this.#check();
    checkQueueName(queue);
    await this.#records.check(queue);
    await this.#schedules.set(queue, cron, encodeJob(data), this.#options.clock.now());
    this.#beginSchedules();
  }

  async unschedule(queue: string): Promise<void> {
    await this.#schedules.remove(queue);
  }

  async work(queue: string, width: number, handler: JobHandler): Promise<void> {
    this.#check();
    await this.#records.check(queue);
    if (this.#workers.has(queue)) throw new StoreError('STORE_BUSY', `The queue ${queue} has its worker already`);
    const { clock, logger, pollTime } = this.#options;
    const shared = { records: this.#records, running: this.#running, clock, logger, pollTime };
    const worker = new JobWorker({ queue, width, handler, ...shared });
    this.#workers.set(queue, worker);
    this.#begin(worker.run());
    this.#beginSchedules();
  }

  async counts(queue: string): Promise<QueueCounts> {
    return this.#records.counts(queue);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running.closing.aborted) return;
    this.#running.close();
    await Promise.all(this.#loops);
    const over = new AbortController();
    const late = this.#options.clock.sleep(this.#options.stopTime, over.signal).catch(() => undefined);
    const workers = [...this.#workers.values()];
    await Promise.race([Promise.all(workers.map((worker) => worker.idle())), late]);
    over.abort();
    await Promise.all(workers.map((worker) => worker.releaseAll()));
  }

  #newJob(queue: string, data: JobData, options: AddJobOptions): NewJob {
    const { key = null, runAt = this.#options.clock.now() } = options;
    return { queue, key, data: encodeJob(data, options), runAt };
  }

  #check(): void {
    if (this.#running.closing.aborted) throw new StoreError('STORE_UNAVAILABLE', 'The queue of jobs was closed');
  }

  #begin(loop: Promise<void>): void {
    this.#loops.add(loop);
    void loop.finally(() => this.#loops.delete(loop));
  }

  #beginSchedules(): void {
    if (this.#isScheduling) return;
    this.#isScheduling = true;
    this.#begin(this.#runSchedules());
  }

  async #runSchedules(): Promise<void> {
    const { clock, logger, scheduleTime } = this.#options;
    const { closing } = this.#running;
    const trouble = new Trouble(logger, { what: 'schedules' });
    let clearAt = clock.now();
    while (!closing.aborted) {
      await trouble.ride(async () => {
        for (const queue of await this.#schedules.fire(clock.now())) this.#workers.get(queue)?.wake();
        if (clock.now() < clearAt) return;
        await this.#records.clear(clock.now());
        clearAt = clock.now() + jobLimits.clearTime;
      }, undefined);
      await clock.sleep(scheduleTime, closing).catch(() => undefined);
    }
  }
}
