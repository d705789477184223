import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SqlQueries, SqlRow, SqlValue } from '../database.ts';
import { sqliteLimits } from './limits.ts';

interface Prepared {
  readonly statement: StatementSync;
  readonly columns: readonly string[];
}

/**
 * One connection and its prepared statements. Each call is done when it returns its promise: nothing but microtasks pass
 * before it settles. It throws what SQLite throws; SQLITE_BUSY comes at once, since waiting inside SQLite would stop
 * everything else that this thread does.
 */
export class SqliteConnection implements SqlQueries, Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  /** @param readOnly opens a file that nobody writes, on a disk that may not be written */
  constructor(path: string, readOnly = false) {
    this.#database = new DatabaseSync(path, { timeout: 0, readOnly });
  }

  /** Runs statements that give nothing and take nothing. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /** Whether a transaction is open: SQLite ends one by itself when it cannot go on with it. */
  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** The first row, at once. */
  getNow(sql: string, parameters: readonly SqlValue[] = []): SqlRow | undefined {
    const { statement, columns } = this.#prepare(sql);
    const values = statement.get(...bind(parameters)) as unknown as readonly SqlValue[] | undefined;
    return values === undefined ? undefined : rowOf(columns, values);
  }

  // oxlint-disable-next-line require-await
  async all<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    const { statement, columns } = this.#prepare(sql);
    const rows = statement.all(...bind(parameters)) as unknown as readonly (readonly SqlValue[])[];
    return rows.map((values) => rowOf(columns, values)) as unknown as readonly Row[];
  }

  // oxlint-disable-next-line require-await
  async get<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<Row | undefined> {
    return this.getNow(sql, parameters) as Row | undefined;
  }

  // oxlint-disable-next-line require-await
  async run(sql: string, ...parameters: readonly SqlValue[]): Promise<number> {
    return Number(this.#prepare(sql).statement.run(...bind(parameters)).changes);
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  /** Those used least recently go first: a Map keeps its keys in the order they were set. */
  #prepare(sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (prepared === undefined) {
      const statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      prepared = { statement, columns: statement.columns().map(({ name }) => name) };
      const [oldest] = this.#statements.keys();
      if (this.#statements.size >= sqliteLimits.statements && oldest !== undefined) this.#statements.delete(oldest);
    } else {
      this.#statements.delete(sql);
    }
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

/**
 * Numbers are bound as floating point unless they are BigInt, and then `? || ''` says 5.0 and `? / 2` says 2.5, other than in
 * PostgreSQL.
 */
function bind(parameters: readonly SqlValue[]): (SqlValue | bigint)[] {
  return parameters.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value));
}

/** An ordinary object, as PostgreSQL's driver gives; node:sqlite's own rows have no prototype and are slower to read. */
function rowOf(columns: readonly string[], values: readonly SqlValue[]): SqlRow {
  const row: Record<string, SqlValue> = {};
  for (let at = 0; at < columns.length; at++) row[columns[at] as string] = values[at] as SqlValue;
  return row;
}
