import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { silentLogger, type Logger } from '../../../base/logger.ts';
import { StoreError } from '../../error.ts';
import { pauseBefore } from '../backoff.ts';
import type { SqlDatabase, SqlQueries, SqlRow, SqlValue, TransactionOptions } from '../database.ts';
import { Checkpointer } from './checkpointer.ts';
import { SqliteConnection } from './connection.ts';
import { isBusy, sqliteError } from './error.ts';
import { GroupWriter } from './group-writer.ts';
import { sqliteLimits } from './limits.ts';
import { WalSync } from './wal-sync.ts';

/** How to open a database in a file. */
export interface SqliteOptions {
  /** The file, made when it is not there; its folder must be there, on a disk of this machine. */
  readonly path: string;
  /** Hears what could not be done in the background. */
  readonly logger?: Logger;
  /** How long to wait for other processes, in milliseconds. */
  readonly busyTime?: number;
  /** How long one transaction may take, in milliseconds. */
  readonly transactionTime?: number;
  /** Pages in the write-ahead log that are not in the database yet, before a checkpoint is made. */
  readonly checkpointPages?: number;
  /** Pages of the log at which writers wait once, so that it can begin anew. */
  readonly restartPages?: number;
  /** Pages of the log at which writers wait until it is copied, and are refused while something keeps it. */
  readonly fullPages?: number;
}

/**
 * Opens a database in a file. Several processes of one machine may have it open. Only transactions and run() write; all() and
 * get() outside one read what was committed, on a connection of their own.
 *
 * @throws StoreError STORE_UNAVAILABLE, STORE_FULL, STORE_DAMAGED, STORE_BUSY
 */
export async function openSqliteDatabase(options: SqliteOptions): Promise<SqlDatabase> {
  const { path } = options;
  const opened = new AsyncDisposableStack();
  try {
    await createPrivately(path);
    const writer = opened.use(await connect(path, options.busyTime ?? sqliteLimits.busyTime));
    const reader = opened.use(await connect(path, options.busyTime ?? sqliteLimits.busyTime));
    reader.execute('PRAGMA query_only = ON');
    // The log is there since the connections were made. SQLite takes no lock on it, so that closing it gives none away,
    // which closing the database's own file would do (https://www.sqlite.org/howtocorrupt.html, 2.2).
    const log = opened.use(await open(`${path}-wal`, 'r+'));
    await syncFolder(dirname(path));
    const sync = new WalSync(() => log.datasync());
    return new SqliteDatabase(options, { writer, reader, sync, opened });
  } catch (error) {
    await opened.disposeAsync();
    throw sqliteError(error, path);
  }
}

interface Parts {
  readonly writer: SqliteConnection;
  readonly reader: SqliteConnection;
  readonly sync: WalSync;
  readonly opened: AsyncDisposableStack;
}

class SqliteDatabase implements SqlDatabase {
  readonly dialect = 'sqlite';
  readonly #path: string;
  readonly #busyTime: number;
  readonly #reader: SqliteConnection;
  readonly #writer: GroupWriter;
  readonly #opened: AsyncDisposableStack;
  #isClosed = false;

  constructor(options: SqliteOptions, { writer, reader, sync, opened }: Parts) {
    this.#path = options.path;
    this.#busyTime = options.busyTime ?? sqliteLimits.busyTime;
    this.#reader = reader;
    this.#opened = opened;
    const checkpointer = new Checkpointer(writer, {
      path: options.path,
      logger: options.logger ?? silentLogger,
      checkpointPages: options.checkpointPages ?? sqliteLimits.checkpointPages,
      restartPages: options.restartPages ?? sqliteLimits.restartPages,
      fullPages: options.fullPages ?? sqliteLimits.fullPages,
    });
    opened.use(checkpointer);
    this.#writer = new GroupWriter(writer, {
      path: options.path,
      busyTime: this.#busyTime,
      transactionTime: options.transactionTime ?? sqliteLimits.transactionTime,
      groupTime: sqliteLimits.groupTime,
      durable: () => sync.wait(),
      check: () => {
        if (sync.failure !== undefined) throw sync.failure;
        checkpointer.check();
      },
      afterGroup: () => checkpointer.afterCommit(),
    });
  }

  all<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#read(() => this.#reader.all<Row>(sql, ...parameters));
  }

  get<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<Row | undefined> {
    return this.#read(() => this.#reader.get<Row>(sql, ...parameters));
  }

  run(sql: string, ...parameters: readonly SqlValue[]): Promise<number> {
    return this.transaction((queries) => queries.run(sql, ...parameters));
  }

  async transaction<Result>(
    work: (queries: SqlQueries) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    this.#check();
    return this.#writer.transaction(work, options.durable ?? true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#writer.idle();
    await this.#opened.disposeAsync();
  }

  #check(): void {
    if (this.#isClosed) throw new StoreError('STORE_UNAVAILABLE', `The database was closed (${this.#path})`);
  }

  async #read<Result>(query: () => Promise<Result>): Promise<Result> {
    this.#check();
    try {
      return await whenFree(query, this.#busyTime);
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }
}

/** What is in the database is for nobody else; SQLite gives its other files the permissions of this one. */
async function createPrivately(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    if (!(await stat(path)).isFile()) throw error;
  }
}

/** Names in a folder are on the disk when the folder is synced. */
async function syncFolder(path: string): Promise<void> {
  try {
    await using folder = await open(path, 'r');
    await folder.sync();
  } catch (error) {
    // Windows opens no folders, and writes names at once.
    if (error instanceof Error && 'code' in error && (error.code === 'EISDIR' || error.code === 'EPERM')) return;
    throw error;
  }
}

async function connect(path: string, busyTime: number): Promise<SqliteConnection> {
  const connection = new SqliteConnection(path);
  try {
    await whenFree(async () => {
      await connection.get('PRAGMA journal_mode = WAL');
    }, busyTime);
    connection.execute(`
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA journal_size_limit = ${sqliteLimits.journalBytes};
      PRAGMA temp_store = MEMORY;
      PRAGMA trusted_schema = OFF;
      PRAGMA cache_size = -${sqliteLimits.cacheKib};
    `);
    // Opens the log, and makes it when it is not there.
    await whenFree(() => connection.get('SELECT COUNT(*) AS tables FROM sqlite_schema'), busyTime);
    return connection;
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}

/** Readers wait only while another process opens the database after a crash, or closes it as the last one. */
async function whenFree<Result>(query: () => Promise<Result>, busyTime: number): Promise<Result> {
  const until = performance.now() + busyTime;
  for (let attempt = 1; ; attempt++) {
    try {
      return await query();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      await pauseBefore(attempt, sqliteLimits.busyBackoff);
    }
  }
}
