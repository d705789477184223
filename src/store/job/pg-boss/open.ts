import { randomUUID } from 'node:crypto';
import { PgBoss, type ConstructorOptions } from 'pg-boss';
import { errorMessage } from '../../../base/error.ts';
import { silentLogger, type Logger } from '../../../base/logger.ts';
import { systemClock } from '../../../net/clock.ts';
import { StoreError } from '../../error.ts';
import { postgresError } from '../../sql/postgres/error.ts';
import { poolSettings, type PostgresSettings } from '../../sql/postgres/settings.ts';
import { checkQueueName, checkQueueOptions, encodeJob, notDeclared } from '../check.ts';
import { formatCron, parseCron } from '../cron.ts';
import type { AddJobOptions, JobData, JobHandler, JobQueue, QueueCounts, QueueOptions } from '../job-queue.ts';
import { jobLimits } from '../limits.ts';
import { RunningJobs } from '../running-jobs.ts';
import { BossHandler, type StoredData } from './handler.ts';

/** How to open jobs that pg-boss keeps on a PostgreSQL server. */
export interface PgBossJobQueueOptions extends PostgresSettings {
  readonly logger?: Logger;
  /** The schema of pg-boss's tables, which are nobody else's (by default `seaworthy_jobs`). */
  readonly schema?: string;
  /** How long closing waits for handlers, in milliseconds. */
  readonly stopTime?: number;
  /** pg-boss's own kind of clock, for tests. */
  readonly clock?: NonNullable<ConstructorOptions['clock']>;
}

const defaults = {
  schema: 'seaworthy_jobs',
  /** Connections of its own, besides those of the records. */
  poolSize: 4,
  /** How often a worker asks for jobs that other processes added, in seconds. */
  pollingSeconds: 2,
  /** pg-boss throws jobs away that waited for too long; ten years are never. */
  retentionSeconds: 315_360_000,
} as const;

/**
 * Opens jobs that pg-boss keeps on a PostgreSQL server, in a schema of its own, which it makes and brings to its newest form.
 * It counts in whole seconds, and a job that was stopped counts as tried, though never as given up. A time of a schedule that came up to a
 * minute before the schedule did may count.
 *
 * @throws StoreError STORE_SETTING_INVALID, STORE_UNAVAILABLE; none of them tells the password
 */
export async function openPgBossJobQueue(options: PgBossJobQueueOptions): Promise<JobQueue> {
  const { config, secrets } = poolSettings(options);
  const logger = options.logger ?? silentLogger;
  const schema = options.schema ?? defaults.schema;
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(schema)) {
    throw new StoreError('STORE_SETTING_INVALID', 'A schema is named by lower-case letters, digits and _');
  }
  // No bounds of time for statements: its own upkeep may take long.
  const { connectionString, ssl, application_name, connectionTimeoutMillis } = config;
  const boss = new PgBoss({
    ...(connectionString === undefined ? {} : { connectionString }),
    ...(ssl === undefined ? {} : { ssl }),
    ...(application_name === undefined ? {} : { application_name }),
    ...(connectionTimeoutMillis === undefined ? {} : { connectionTimeoutMillis }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    max: options.poolSize ?? defaults.poolSize,
    schema,
  });
  const told = (error: unknown): unknown => storeError(error, secrets);
  boss.on('error', (error) => logger.error('Jobs cannot be read or written', { error: errorMessage(told(error)) }));
  boss.on('warning', ({ message }) => logger.warn(message));
  try {
    await boss.start();
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined);
    throw told(error);
  }
  return new PgBossJobQueue(boss, { schema, logger, told, stopTime: options.stopTime ?? jobLimits.stopTime });
}

interface Shared {
  readonly schema: string;
  readonly logger: Logger;
  readonly told: (error: unknown) => unknown;
  readonly stopTime: number;
}

class PgBossJobQueue implements JobQueue {
  readonly #boss: PgBoss;
  readonly #shared: Shared;
  readonly #running: RunningJobs;
  readonly #workers = new Map<string, { readonly id: string; readonly handler: BossHandler }>();

  constructor(boss: PgBoss, shared: Shared) {
    this.#boss = boss;
    this.#shared = shared;
    this.#running = new RunningJobs(shared.logger);
  }

  async declare(queue: string, options: QueueOptions): Promise<void> {
    checkQueueName(queue);
    checkQueueOptions(options);
    const bossOptions = {
      retryLimit: options.retries,
      // Its first wait is one to two of these, by chance.
      retryDelay: seconds(options.retryDelay / 2),
      retryBackoff: true,
      retryDelayMax: seconds(jobLimits.longestDelay),
      expireInSeconds: seconds(options.expiresAfter),
      deleteAfterSeconds: seconds(jobLimits.failedTime),
      retentionSeconds: defaults.retentionSeconds,
    };
    await this.#ask(async () => {
      // One job for each key waits or runs; those that have none get one of their own.
      await this.#boss.createQueue(queue, { ...bossOptions, policy: 'exclusive' });
      await this.#boss.updateQueue(queue, bossOptions);
    });
  }

  async add(queue: string, data: JobData, options: AddJobOptions = {}): Promise<string | undefined> {
    const stored: StoredData = { json: encodeJob(data, options) };
    const { key, runAt } = options;
    const id = await this.#ask(async () => {
      await this.#checkDeclared(queue);
      return this.#boss.send(queue, stored, {
        singletonKey: key ?? randomUUID(),
        ...(runAt === undefined ? {} : { startAfter: new Date(runAt) }),
      });
    });
    const worker = this.#workers.get(queue);
    if (worker !== undefined) this.#boss.notifyWorker(worker.id);
    return id ?? undefined;
  }

  async schedule(queue: string, cron: string, data: JobData): Promise<void> {
    const stored: StoredData = { json: encodeJob(data) };
    // In numbers only, so that it means the same to pg-boss as it does here.
    const expression = formatCron(parseCron(cron));
    await this.#ask(async () => {
      await this.#checkDeclared(queue);
      await this.#boss.schedule(queue, expression, stored, { tz: 'UTC', missed: 'once' });
    });
  }

  async unschedule(queue: string): Promise<void> {
    await this.#ask(() => this.#boss.unschedule(queue));
  }

  async work(queue: string, width: number, handler: JobHandler): Promise<void> {
    await this.#ask(async () => {
      await this.#checkDeclared(queue);
      if (this.#workers.has(queue)) throw new StoreError('STORE_BUSY', `The queue ${queue} has its worker already`);
      const { logger } = this.#shared;
      const taker = new BossHandler({ boss: this.#boss, running: this.#running, logger, handler });
      const id = await this.#boss.work<StoredData, void, BossWork>(
        queue,
        { localConcurrency: width, includeMetadata: true, pollingIntervalSeconds: defaults.pollingSeconds },
        (jobs) => taker.handle(jobs),
      );
      this.#workers.set(queue, { id, handler: taker });
    });
  }

  async counts(queue: string): Promise<QueueCounts> {
    const sql = `
      SELECT COUNT(*) FILTER (WHERE state IN ('created', 'retry'))::int AS waiting,
             COUNT(*) FILTER (WHERE state = 'active')::int AS running,
             COUNT(*) FILTER (WHERE state = 'failed')::int AS failed
        FROM ${this.#shared.schema}.job WHERE name = $1`;
    const { rows } = await this.#ask(() => this.#boss.getDb().executeSql(sql, [queue]));
    return { waiting: 0, running: 0, failed: 0, ...(rows[0] as QueueCounts | undefined) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running.closing.aborted) return;
    this.#running.close();
    try {
      const queues = [...this.#workers.keys()];
      await Promise.all(queues.map((queue) => this.#boss.offWork(queue, { wait: false })));
      const handlers = [...this.#workers.values()].map(({ handler }) => handler);
      const over = new AbortController();
      const late = systemClock.sleep(this.#shared.stopTime, over.signal).catch(() => undefined);
      await Promise.race([Promise.all(handlers.map((handler) => handler.idle())), late]);
      over.abort();
      await Promise.all(handlers.map((handler) => handler.releaseAll()));
    } catch (error) {
      const message = 'Jobs that ran could not be given back; others take them when their time is over';
      this.#shared.logger.error(message, { error: errorMessage(this.#shared.told(error)) });
    }
    await this.#boss.stop({ timeout: 1000 });
  }

  async #checkDeclared(queue: string): Promise<void> {
    if ((await this.#boss.getQueue(queue)) === null) throw notDeclared(queue);
  }

  async #ask<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running.closing.aborted) throw new StoreError('STORE_UNAVAILABLE', 'The queue of jobs was closed');
    try {
      return await work();
    } catch (error) {
      throw this.#shared.told(error);
    }
  }
}

interface BossWork {
  readonly localConcurrency: number;
  readonly includeMetadata: true;
  readonly pollingIntervalSeconds: number;
}

/** Rounded up, and one at least. */
function seconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1000));
}

/** What pg-boss itself refuses is a mistake of the program; all else is the database's. */
function storeError(error: unknown, secrets: readonly string[]): unknown {
  const isAssertion = error instanceof Error && 'code' in error && error.code === 'ERR_ASSERTION';
  return isAssertion ? error : postgresError(error, secrets);
}
