import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreError } from '../../error.ts';
import { pauseBefore } from '../backoff.ts';
import type { SqlQueries } from '../database.ts';
import { TransactionScope } from '../transaction-scope.ts';
import type { SqliteConnection } from './connection.ts';
import { isBusy, sqliteError } from './error.ts';
import { sqliteLimits } from './limits.ts';

type Outcome = { readonly value: unknown } | { readonly error: unknown };

interface Waiting {
  readonly work: (queries: SqlQueries) => Promise<unknown>;
  readonly isDurable: boolean;
  readonly since: number;
  readonly settle: (outcome: Outcome) => void;
}

/** What the writer needs besides its connection. */
export interface GroupWriterOptions {
  readonly path: string;
  /** Milliseconds to wait for other processes. */
  readonly busyTime: number;
  /** Milliseconds that one transaction may take. */
  readonly transactionTime: number;
  /** Milliseconds that a group goes on taking more. */
  readonly groupTime: number;
  /** Waits until what was committed survives a power cut. */
  readonly durable: () => Promise<void>;
  /** Throws when nothing must be written any more. */
  readonly check: () => void;
  /** Called after each group; the next one waits for what it gives. */
  readonly afterGroup: () => Promise<void> | undefined;
}

/**
 * Runs transactions one after another on one connection. Those that wait at the same time share one BEGIN and COMMIT, and
 * with it one write of each page and one sync; each runs in a savepoint of its own, so that one that fails takes nothing
 * else with it. No outcome is told before COMMIT, failures included: they may rest on what others of the group wrote.
 */
export class GroupWriter {
  readonly #connection: SqliteConnection;
  readonly #options: GroupWriterOptions;
  readonly #queue: Waiting[] = [];
  readonly #syncing = new Set<Promise<void>>();
  #draining: Promise<void> | undefined;

  constructor(connection: SqliteConnection, options: GroupWriterOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Runs `work` in its turn; see SqlDatabase.transaction(). */
  transaction<Result>(work: (queries: SqlQueries) => Promise<Result>, isDurable: boolean): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const settle = (outcome: Outcome): void => {
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.value as Result);
      };
      this.#queue.push({ work, isDurable, since: performance.now(), settle });
      this.#draining ??= this.#drain();
    });
  }

  /** Waits until all that was asked for is done. */
  async idle(): Promise<void> {
    while (this.#draining !== undefined || this.#syncing.size > 0) {
      await this.#draining;
      await Promise.allSettled(this.#syncing);
    }
  }

  async #drain(): Promise<void> {
    // Those who ask in the same turn as the first one share its group.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      if (await this.#begin()) {
        await this.#group();
        await this.#options.afterGroup();
      }
      if (this.#queue.length > 0) await nextTurn();
    }
    this.#draining = undefined;
  }

  /** False when nobody waits any more. */
  async #begin(): Promise<boolean> {
    for (let attempt = 1; this.#queue.length > 0; attempt++) {
      try {
        this.#options.check();
        this.#connection.execute('BEGIN IMMEDIATE');
        return true;
      } catch (error) {
        const failure = sqliteError(error, this.#options.path);
        const before = isBusy(error) ? performance.now() - this.#options.busyTime : Infinity;
        const lost = this.#queue.filter(({ since }) => since <= before);
        const left = this.#queue.filter(({ since }) => since > before);
        this.#queue.splice(0, this.#queue.length, ...left);
        for (const { settle } of lost) settle({ error: failure });
        if (left.length > 0) await pauseBefore(attempt, sqliteLimits.busyBackoff);
      }
    }
    return false;
  }

  async #group(): Promise<void> {
    const done: { readonly waiting: Waiting; readonly outcome: Outcome }[] = [];
    const limit = new TimeLimit(this.#options.transactionTime);
    const until = performance.now() + this.#options.groupTime;
    try {
      do {
        const waiting = this.#queue.shift();
        if (waiting === undefined) break;
        const outcome = await this.#one(waiting, limit);
        done.push({ waiting, outcome });
        if (!this.#connection.isInTransaction) throw lostGroup(outcome);
      } while (done.length < sqliteLimits.groupSize && performance.now() < until);
      this.#connection.execute('COMMIT');
    } catch (error) {
      const failure = sqliteError(error, this.#options.path);
      this.#rollBack();
      for (const { waiting } of done) waiting.settle({ error: failure });
      return;
    } finally {
      limit.clear();
    }
    this.#tell(done);
  }

  /** Runs one; when it throws, SQLite failed and the group is lost. */
  async #one({ work }: Waiting, limit: TimeLimit): Promise<Outcome> {
    const connection = this.#connection;
    const scope = new TransactionScope(connection);
    connection.execute('SAVEPOINT one');
    let outcome: Outcome;
    try {
      const value = await Promise.race([work(scope), limit.passed]);
      scope.close();
      outcome = { value };
    } catch (error) {
      outcome = { error: sqliteError(error, this.#options.path) };
      scope.end();
      if (connection.isInTransaction) connection.execute('ROLLBACK TO one');
    }
    if (connection.isInTransaction) connection.execute('RELEASE one');
    return outcome;
  }

  #tell(done: readonly { readonly waiting: Waiting; readonly outcome: Outcome }[]): void {
    const later = done.filter(({ waiting, outcome }) => waiting.isDurable && 'value' in outcome);
    if (later.length > 0) {
      const synced = this.#options.durable().then(
        () => later.forEach(({ waiting, outcome }) => waiting.settle(outcome)),
        (error: unknown) => later.forEach(({ waiting }) => waiting.settle({ error })),
      );
      this.#syncing.add(synced);
      void synced.finally(() => this.#syncing.delete(synced));
    }
    for (const { waiting, outcome } of done) {
      if (!waiting.isDurable || 'error' in outcome) waiting.settle(outcome);
    }
  }

  #rollBack(): void {
    try {
      if (this.#connection.isInTransaction) this.#connection.execute('ROLLBACK');
    } catch {
      // What made the rollback necessary is told; SQLite rolls back for itself when it cannot write.
    }
  }
}

/** Ends a transaction that waits for something else than its queries, with which it would hold up all others. */
class TimeLimit {
  readonly #timer: NodeJS.Timeout;
  readonly passed: Promise<never>;

  constructor(time: number) {
    const { promise, reject } = Promise.withResolvers<never>();
    const message =
      `A transaction took longer than ${time} ms and was rolled back; ` +
      'it must await nothing but its own queries, and no other transaction';
    this.#timer = setTimeout(() => reject(new StoreError('STORE_BUSY', message)), time);
    promise.catch(() => undefined);
    this.passed = promise;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

function lostGroup(outcome: Outcome): unknown {
  if ('error' in outcome) return outcome.error;
  return new StoreError('STORE_UNAVAILABLE', 'The database gave up a transaction; look at its disk');
}
