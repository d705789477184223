import type { BlobStore } from '../../../src/store/blob/blob-store.ts';
import type { SqlDatabase } from '../../../src/store/sql/database.ts';
import { memoryBlob } from '../../../src/registry/content/read-blob.ts';
import { collect, listAll } from '../../store/blob-data.ts';
import { withMethods } from '../../with-methods.ts';
import type { Dice } from './dice.ts';

/** What a client sees of a process that was killed: no answer. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** One process; once it is killed nothing that it began goes on. */
export interface Process {
  isKilled: boolean;
}

interface Waiting {
  readonly process: Process;
  readonly what: string;
  readonly run: () => Promise<void>;
  readonly fail: () => void;
}

/**
 * Lets one call of a store go on at a time, chosen at random among all that wait: an interleaving of concurrent operations that
 * a seed repeats. Transactions are one step, as are calls of the blob store.
 */
export class Turns {
  readonly #dice: Dice;
  #waiting: Waiting[] = [];
  /**
   * How often who waits last goes on first: then one operation comes far while others are stalled, which is where most races
   * are.
   */
  burst = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** True while somebody waits for that. */
  has(what: string): boolean {
    return this.#waiting.some((waiting) => waiting.what === what);
  }

  /** Waits for its turn. */
  take<Result>(process: Process, what: string, call: () => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const fail = (): void => reject(new Killed(what));
      if (process.isKilled) return fail();
      const run = async (): Promise<void> => {
        try {
          const result = await call();
          if (process.isKilled) fail();
          else resolve(result);
        } catch (error) {
          if (process.isKilled) fail();
          else reject(error);
        }
      };
      this.#waiting.push({ process, what, run, fail });
    });
  }

  /** Gives somebody a turn, and lets them come to their next wait. */
  async step(): Promise<void> {
    if (this.#waiting.length > 0) {
      const count = this.#waiting.length;
      const [next] = this.#waiting.splice(this.#dice.chance(this.burst) ? count - 1 : this.#dice.below(count), 1);
      await next?.run();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Kills a process: of what it waits for, one call at most is still made, and its answer lost. */
  async kill(process: Process): Promise<void> {
    const own = this.#waiting.filter((waiting) => waiting.process === process);
    this.#waiting = this.#waiting.filter((waiting) => waiting.process !== process);
    process.isKilled = true;
    const last = own.length > 0 && this.#dice.chance(0.5) ? this.#dice.pick(own) : undefined;
    await last?.run();
    for (const waiting of own) if (waiting !== last) waiting.fail();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A blob store whose calls wait for their turns. */
export function blobsInTurns(blobs: BlobStore, turns: Turns, process: Process): BlobStore {
  const take = <Result>(what: string, call: () => Promise<Result>): Promise<Result> => turns.take(process, what, call);
  return withMethods(blobs, {
    append: (upload, bytes, options) => take('append', () => blobs.append(upload, bytes, options)),
    commit: (upload, digest, options) => take('commit', () => blobs.commit(upload, digest, options)),
    abort: (upload) => take('abort', () => blobs.abort(upload)),
    put: (digest, bytes, options) => take('put', () => blobs.put(digest, bytes, options)),
    stat: (digest) => take('stat', () => blobs.stat(digest)),
    // Whoever has it open reads what it was when they opened it, so all of it is read in that turn: nothing is under way between turns.
    open: (digest) =>
      take('open', async () => {
        await using opened = await blobs.open(digest);
        return opened === undefined ? undefined : memoryBlob(await collect(opened.read()));
      }),
    async *readUpload(upload, signal) {
      yield await take('readUpload', () => collect(blobs.readUpload(upload, signal)));
    },
    remove: (digest) => take('remove', () => blobs.remove(digest)),
    async *list(signal) {
      yield* await take('list', () => listAll(blobs.list(signal)));
    },
    removeStaleUploads: (before, known) => take('removeStaleUploads', () => blobs.removeStaleUploads(before, known)),
  });
}

/** A database whose calls wait for their turns; nothing waits for the disk, since no power is cut here. */
export function databaseInTurns(database: SqlDatabase, turns: Turns, process: Process): SqlDatabase {
  const take = <Result>(call: () => Promise<Result>): Promise<Result> => turns.take(process, 'query', call);
  return withMethods(database, {
    all: (sql, ...parameters) => take(() => database.all(sql, ...parameters)),
    get: (sql, ...parameters) => take(() => database.get(sql, ...parameters)),
    run: (sql, ...parameters) => take(() => database.run(sql, ...parameters)),
    transaction: (work) => take(() => database.transaction(work, { durable: false })),
  });
}
