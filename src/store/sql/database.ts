/** What a statement is given and gives back. Whole numbers beyond 2^53 are not used. */
export type SqlValue = string | number | Uint8Array | null;

/** One row, by the names of its columns. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** The engine behind a database, for the few statements that the two write differently. */
export type SqlDialect = 'sqlite' | 'postgres';

/**
 * Runs statements. They are written once, in what SQLite and PostgreSQL both read, with `?` for each parameter in order; no
 * statement holds a `?` that is none. Statements must be constants: each distinct text is prepared once and kept. They name
 * their columns rather than say `*`. What a statement throws because it is wrong, or because a constraint does not hold, is the
 * engine's own error: a mistake of the program, which uses ON CONFLICT where a conflict is to be expected.
 */
export interface SqlQueries {
  /** All rows; statements that may give many carry their own LIMIT. */
  all<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly Row[]>;
  /** The first row, or undefined. */
  get<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<Row | undefined>;
  /** Runs a statement that changes rows, and gives their number. */
  run(sql: string, ...parameters: readonly SqlValue[]): Promise<number>;
}

/** How a transaction ends. */
export interface TransactionOptions {
  /**
   * Whether to wait until what was committed survives a power cut (by default yes). Without it, it survives a kill of the
   * process; for what clients begin again anyway, such as upload sessions.
   */
  readonly durable?: boolean;
}

/**
 * A transactional database: SQLite in a folder for one machine, PostgreSQL for many. Queries outside a transaction see
 * what was committed, each by itself: all() and get() only read there, run() is a durable transaction of its own. They may see
 * what would not survive a power cut yet; who answers for something that was there already looks it up in a durable
 * transaction, which waits until that survives, too. Closing waits for what was asked before.
 */
export interface SqlDatabase extends SqlQueries, AsyncDisposable {
  readonly dialect: SqlDialect;
  /**
   * Runs `work` as if it were alone (SERIALIZABLE), and commits when it returns; what it throws rolls back and is thrown on.
   * Where the engine finds that others were in the way, `work` runs again from its start, so it must do nothing but query
   * and must await nothing but its queries: other transactions of this process may be waiting for it. A statement that failed
   * dooms the transaction, even when the work goes on.
   *
   * @throws StoreError STORE_BUSY when others were in the way too often, or the work waited for something else for too long; STORE_UNAVAILABLE, STORE_FULL, STORE_DAMAGED
   */
  transaction<Result>(work: (queries: SqlQueries) => Promise<Result>, options?: TransactionOptions): Promise<Result>;
}
