import { randomUUID } from 'node:crypto';
import type { SqlDatabase, SqlQueries } from '../../sql/database.ts';
import { notDeclared } from '../check.ts';
import type { Job, JobData, QueueCounts, QueueOptions } from '../job-queue.ts';
import { jobLimits } from '../limits.ts';

/** A job and the name under which it was taken: who comes back with another name comes too late. */
export interface ClaimedJob {
  readonly job: Job;
  readonly claim: string;
  readonly expiresAfter: number;
}

/** A job to be added; `key` is null when any number may wait, and empty when a schedule adds it. */
export interface NewJob {
  readonly queue: string;
  readonly key: string | null;
  readonly data: string;
  readonly runAt: number;
}

/** What a worker took at once, and what it found expired. */
export interface Claimed {
  readonly jobs: readonly ClaimedJob[];
  /** Their ids. */
  readonly expired: readonly string[];
}

interface JobRow {
  readonly id: number;
  readonly queue: string;
  readonly data: string;
  readonly attempts: number;
}

/** Lost with the power, these are done again, which jobs bear anyway. */
const quickly = { durable: false } as const;

/** The rows of jobs. Times are milliseconds since 1970. */
export class JobRecords {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async declare(queue: string, { retries, retryDelay, expiresAfter }: QueueOptions): Promise<void> {
    await this.#database.run(
      `INSERT INTO job_queue (name, retries, retry_delay, expires_after) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET
         retries = excluded.retries, retry_delay = excluded.retry_delay, expires_after = excluded.expires_after`,
      queue,
      retries,
      retryDelay,
      expiresAfter,
    );
  }

  /** @throws StoreError STORE_SETTING_INVALID for a queue that was not declared */
  async check(queue: string): Promise<void> {
    await optionsOf(this.#database, queue);
  }

  /** The id of the new job, or undefined when one of its key is there. */
  async add(job: NewJob): Promise<string | undefined> {
    return this.#database.transaction(async (queries) => {
      await optionsOf(queries, job.queue);
      return insert(queries, job);
    });
  }

  /** When the next job of a queue is due, or one that runs expires; undefined when there is none. */
  async nextTime(queue: string): Promise<number | undefined> {
    const row = await this.#database.get<{ waiting: number | null; running: number | null }>(
      `SELECT (SELECT MIN(run_at) FROM job WHERE queue = ? AND state = 'waiting') AS waiting,
              (SELECT MIN(expires_at) FROM job WHERE queue = ? AND state = 'running') AS running`,
      queue,
      queue,
    );
    const times = [row?.waiting, row?.running].filter((time) => time !== null && time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Takes up to `count` jobs that are due. Those of the queue that expired count as failed first. */
  async claim(queue: string, count: number, now: number): Promise<Claimed> {
    const claim = randomUUID();
    return this.#database.transaction(async (queries) => {
      const options = await optionsOf(queries, queue);
      const expired = await queries.all<JobRow>(
        `SELECT id, queue, data, attempts FROM job WHERE queue = ? AND state = 'running' AND expires_at <= ?
         ORDER BY id LIMIT ${jobLimits.clearing}`,
        queue,
        now,
      );
      for (const row of expired) await fail(queries, row, { options, error: 'It took too long', now });
      const due = await queries.all<JobRow>(
        `SELECT id, queue, data, attempts FROM job WHERE queue = ? AND state = 'waiting' AND run_at <= ?
         ORDER BY run_at, id LIMIT ?`,
        queue,
        now,
        count,
      );
      for (const { id } of due) {
        await queries.run(
          `UPDATE job SET state = 'running', claim = ?, expires_at = ? WHERE id = ?`,
          claim,
          now + options.expiresAfter,
          id,
        );
      }
      return {
        jobs: due.map((row) => ({ job: jobOf(row), claim, expiresAfter: options.expiresAfter })),
        expired: expired.map(({ id }) => String(id)),
      };
    }, quickly);
  }

  /** Removes a job that was done. */
  async complete({ job, claim }: ClaimedJob): Promise<void> {
    await this.#database.transaction(
      (queries) => queries.run('DELETE FROM job WHERE id = ? AND claim = ?', Number(job.id), claim),
      quickly,
    );
  }

  /** Lets a job wait again as if it had not been taken. */
  async release({ job, claim }: ClaimedJob, now: number): Promise<void> {
    await this.#database.transaction(
      (queries) =>
        queries.run(
          `UPDATE job SET state = 'waiting', claim = NULL, expires_at = NULL, run_at = ? WHERE id = ? AND claim = ?`,
          now,
          Number(job.id),
          claim,
        ),
      quickly,
    );
  }

  /** Lets a job wait for its next try, or keeps it as failed. */
  async fail({ job, claim }: ClaimedJob, error: string, now: number): Promise<void> {
    await this.#database.transaction(async (queries) => {
      const row = await queries.get<JobRow>(
        'SELECT id, queue, data, attempts FROM job WHERE id = ? AND claim = ?',
        Number(job.id),
        claim,
      );
      if (row !== undefined) await fail(queries, row, { options: await optionsOf(queries, job.queue), error, now });
    }, quickly);
  }

  /** Removes what failed long ago. */
  async clear(now: number): Promise<void> {
    for (let removed: number = jobLimits.clearing; removed === jobLimits.clearing;) {
      removed = await this.#database.transaction(
        (queries) =>
          queries.run(
            `DELETE FROM job WHERE id IN (
               SELECT id FROM job WHERE state = 'failed' AND failed_at <= ? ORDER BY failed_at LIMIT ${jobLimits.clearing}
             )`,
            now - jobLimits.failedTime,
          ),
        quickly,
      );
    }
  }

  async counts(queue: string): Promise<QueueCounts> {
    const rows = await this.#database.all<{ state: keyof QueueCounts; jobs: number }>(
      'SELECT state, COUNT(*) AS jobs FROM job WHERE queue = ? GROUP BY state',
      queue,
    );
    const counts = Object.fromEntries(rows.map(({ state, jobs }) => [state, jobs]));
    return { waiting: 0, running: 0, failed: 0, ...counts };
  }
}

/**
 * Adds a job in a transaction that may do more.
 *
 * @returns its id, or undefined when one of its key is there
 */
export async function insert(queries: SqlQueries, { queue, key, data, runAt }: NewJob): Promise<string | undefined> {
  const row = await queries.get<{ id: number }>(
    `INSERT INTO job (queue, key, data, state, run_at, attempts) VALUES (?, ?, ?, 'waiting', ?, 0)
     ON CONFLICT DO NOTHING RETURNING id`,
    queue,
    key,
    data,
    runAt,
  );
  return row === undefined ? undefined : String(row.id);
}

async function optionsOf(queries: SqlQueries, queue: string): Promise<QueueOptions> {
  const row = await queries.get<{ retries: number; retry_delay: number; expires_after: number }>(
    'SELECT retries, retry_delay, expires_after FROM job_queue WHERE name = ?',
    queue,
  );
  if (row === undefined) throw notDeclared(queue);
  return { retries: row.retries, retryDelay: row.retry_delay, expiresAfter: row.expires_after };
}

async function fail(
  queries: SqlQueries,
  { id, attempts }: JobRow,
  { options, error, now }: { readonly options: QueueOptions; readonly error: string; readonly now: number },
): Promise<void> {
  const isOver = attempts >= options.retries;
  await queries.run(
    `UPDATE job SET state = ?, attempts = ?, run_at = ?, failed_at = ?, error = ?, claim = NULL, expires_at = NULL
     WHERE id = ?`,
    isOver ? 'failed' : 'waiting',
    attempts + 1,
    now + Math.min(jobLimits.longestDelay, options.retryDelay * 2 ** attempts),
    isOver ? now : null,
    error.slice(0, jobLimits.errorLength),
    id,
  );
}

function jobOf({ id, queue, data, attempts }: JobRow): Job {
  return { id: String(id), queue, data: JSON.parse(data) as JobData, attempts };
}
