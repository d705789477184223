import { DatabaseError, type QueryResult } from 'pg';
import type { SqlQueries, SqlRow, SqlValue } from '../database.ts';
import { isConflict, postgresError } from './error.ts';
import type { PostgresStatements } from './statements.ts';

/** A connection, or a pool that gives any of its own. */
export interface Queryable {
  query(config: { text: string; name?: string; values?: unknown[] }): Promise<QueryResult>;
}

/** What all sessions of a database share. */
export interface SessionShared {
  readonly statements: PostgresStatements;
  /** Texts that must be in no message. */
  readonly secrets: readonly string[];
}

/**
 * Runs statements on a connection, one after another: `pg` wants the next one only when the last one is done. Conflicts are
 * thrown as they come, since the transaction is tried again; all else is mapped by postgresError().
 */
export class PostgresSession implements SqlQueries {
  readonly #queryable: Queryable;
  readonly #shared: SessionShared;
  #last: Promise<unknown> = Promise.resolve();
  #isBroken = false;

  constructor(queryable: Queryable, shared: SessionShared) {
    this.#queryable = queryable;
    this.#shared = shared;
  }

  /** Whether the connection must not be used again: its answer may still come. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  async all<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    return (await this.#inTurn(sql, parameters)).rows as Row[];
  }

  async get<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<Row | undefined> {
    return (await this.#inTurn(sql, parameters)).rows[0] as Row | undefined;
  }

  async run(sql: string, ...parameters: readonly SqlValue[]): Promise<number> {
    return (await this.#inTurn(sql, parameters)).rowCount ?? 0;
  }

  /** Runs one or more statements that take and give nothing, in one message. */
  async command(text: string): Promise<void> {
    await this.#after({ text });
  }

  #inTurn(sql: string, parameters: readonly SqlValue[]): Promise<QueryResult> {
    return this.#after({ ...this.#shared.statements.get(sql), values: [...parameters] });
  }

  #after(config: Parameters<Queryable['query']>[0]): Promise<QueryResult> {
    const query = this.#last.then(() => this.#query(config));
    this.#last = query.catch(() => undefined);
    return query;
  }

  async #query(config: Parameters<Queryable['query']>[0]): Promise<QueryResult> {
    try {
      return await this.#queryable.query(config);
    } catch (error) {
      if (!(error instanceof DatabaseError)) this.#isBroken = true;
      throw isConflict(error) ? error : postgresError(error, this.#shared.secrets);
    }
  }
}
