import { StoreError } from '../error.ts';
import type { SqlQueries, SqlRow, SqlValue } from './database.ts';

/**
 * Milliseconds after which a transaction may ask nothing more. Work that asks for ever would hold the database and fill its
 * disk, and with SQLite no timer would ever end it: its queries leave no turn to timers.
 */
const longest = 60_000;

/** Bytes that a transaction may write (256 MiB): in a minute it could write many gigabytes. The largest ones write a few megabytes. */
const mostBytes = 268_435_456;

/** Bounds of one transaction. */
export interface TransactionBounds {
  /** Milliseconds. */
  readonly time?: number;
  /** Of what its statements are given to write. */
  readonly bytes?: number;
}

/**
 * What the work of one transaction is given. It makes both engines alike: a statement that failed dooms the transaction
 * (PostgreSQL refuses all further ones, SQLite would go on), even when the work swallows the error; nothing can be asked once
 * the transaction is over, or after a time that no transaction should take.
 */
export class TransactionScope implements SqlQueries {
  readonly #engine: SqlQueries;
  readonly #until: number;
  #bytesLeft: number;
  #failure: { readonly error: unknown } | undefined;
  #isOver = false;

  constructor(engine: SqlQueries, { time = longest, bytes = mostBytes }: TransactionBounds = {}) {
    this.#engine = engine;
    this.#until = performance.now() + time;
    this.#bytesLeft = bytes;
  }

  /** What a statement failed with, if any did. */
  get failure(): unknown {
    return this.#failure?.error;
  }

  /** Ends it: nothing can be asked any more. */
  end(): void {
    this.#isOver = true;
  }

  /** Ends it, and throws what a statement failed with, if any did. */
  close(): void {
    this.end();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  all<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#ask(() => this.#engine.all<Row>(sql, ...parameters));
  }

  get<Row = SqlRow>(sql: string, ...parameters: readonly SqlValue[]): Promise<Row | undefined> {
    return this.#ask(() => this.#engine.get<Row>(sql, ...parameters));
  }

  run(sql: string, ...parameters: readonly SqlValue[]): Promise<number> {
    return this.#ask(() => {
      this.#spend(parameters);
      return this.#engine.run(sql, ...parameters);
    });
  }

  #spend(parameters: readonly SqlValue[]): void {
    // What a row takes besides.
    this.#bytesLeft -= 64;
    for (const value of parameters) if (value !== null && typeof value !== 'number') this.#bytesLeft -= value.length;
    if (this.#bytesLeft >= 0) return;
    throw new StoreError('STORE_BUSY', 'A transaction wrote more than any should and was rolled back; divide it');
  }

  async #ask<Result>(query: () => Promise<Result>): Promise<Result> {
    if (this.#isOver) {
      throw new StoreError('STORE_BUSY', 'A statement came after its transaction was over; await each one inside it');
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      if (performance.now() > this.#until) {
        throw new StoreError('STORE_BUSY', 'A transaction went on asking for too long and was rolled back; divide it');
      }
      return await query();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }
}
