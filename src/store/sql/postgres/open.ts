import { Pool, type PoolClient } from 'pg';
import { silentLogger, type Logger } from '../../../base/logger.ts';
import { StoreError } from '../../error.ts';
import { pauseBefore } from '../backoff.ts';
import type { SqlDatabase, SqlQueries, SqlRow, SqlValue, TransactionOptions } from '../database.ts';
import { postgresError } from './error.ts';
import { postgresLimits } from './limits.ts';
import { PostgresSession, type SessionShared } from './session.ts';
import { poolSettings, type PostgresSettings } from './settings.ts';
import { PostgresStatements } from './statements.ts';
import { attempt } from './transaction.ts';
import { columnReaders } from './values.ts';

/** How to open a database on a server. */
export interface PostgresOptions extends PostgresSettings {
  /** Hears of connections that were lost while nobody used them. */
  readonly logger?: Logger;
  /** How long a transaction that meets others is tried again, in milliseconds. */
  readonly conflictTime?: number;
}

/**
 * Opens a database on a PostgreSQL server. Whether what was committed survives a power cut of the server is for its
 * `synchronous_commit` and `fsync` to say, which are on unless its owner decided otherwise.
 *
 * @throws StoreError STORE_SETTING_INVALID, STORE_UNAVAILABLE; none of them tells the password
 */
export async function openPostgresDatabase(options: PostgresOptions): Promise<SqlDatabase> {
  const { config, secrets } = poolSettings(options);
  const logger = options.logger ?? silentLogger;
  const shared: SessionShared = { statements: new PostgresStatements(), secrets };
  const pool = new Pool({ ...config, types: columnReaders });
  pool.on('error', (error) => {
    logger.warn('A connection to the database was lost', { error: messageOf(postgresError(error, secrets)) });
  });
  const database = new PostgresDatabase(pool, shared, options.conflictTime ?? postgresLimits.conflictTime);
  try {
    await checkServer(database);
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

class PostgresDatabase implements SqlDatabase {
  readonly dialect = 'postgres';
  readonly #pool: Pool;
  readonly #shared: SessionShared;
  readonly #conflictTime: number;
  readonly #pending = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(pool: Pool, shared: SessionShared, conflictTime: number) {
    this.#pool = pool;
    this.#shared = shared;
    this.#conflictTime = conflictTime;
  }

  all<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#pend(() => this.#session().all<Row>(sql, ...parameters));
  }

  get<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<Row | undefined> {
    return this.#pend(() => this.#session().get<Row>(sql, ...parameters));
  }

  run(sql: string, ...parameters: readonly SqlValue[]): Promise<number> {
    return this.transaction((queries) => queries.run(sql, ...parameters));
  }

  transaction<Result>(
    work: (queries: SqlQueries) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    return this.#pend(() => this.#retry(work, options.durable ?? true));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#pending);
    await this.#pool.end();
  }

  /** Each query outside a transaction takes any connection, and waits for no other query. */
  #session(): PostgresSession {
    return new PostgresSession(this.#pool, this.#shared);
  }

  async #retry<Result>(work: (queries: SqlQueries) => Promise<Result>, isDurable: boolean): Promise<Result> {
    const until = performance.now() + this.#conflictTime;
    for (let count = 1; ; count++) {
      const outcome = await attempt(await this.#connect(), work, { isDurable, shared: this.#shared });
      if ('value' in outcome) return outcome.value;
      if (performance.now() > until) throw postgresError(outcome.conflict, this.#shared.secrets);
      await pauseBefore(count, postgresLimits.conflictBackoff);
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw postgresError(error, this.#shared.secrets);
    }
  }

  async #pend<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new StoreError('STORE_UNAVAILABLE', 'The database was closed');
    const result = work();
    this.#pending.add(result);
    try {
      return await result;
    } finally {
      this.#pending.delete(result);
    }
  }
}

async function checkServer(database: SqlDatabase): Promise<void> {
  const row = await database.get<{ version: string; encoding: string }>(
    "SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding",
  );
  if (Number(row?.version) < postgresLimits.serverVersion) {
    throw new StoreError('STORE_SETTING_INVALID', `PostgreSQL 13 or newer is needed, and this is ${row?.version}`);
  }
  if (row?.encoding !== 'UTF8') {
    const message = `The database keeps text as ${row?.encoding}; make one with ENCODING 'UTF8'`;
    throw new StoreError('STORE_SETTING_INVALID', message);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
