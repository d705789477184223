import { StoreError } from '../../error.ts';

/**
 * Makes what was committed survive a power cut. SQLite itself would do so inside COMMIT (`synchronous=FULL`), stopping
 * the thread for each one; with `synchronous=NORMAL` a commit is only written to the write-ahead log, and this syncs
 * the log on another thread, once for all commits that wait.
 *
 * Why that is enough (https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous, and walCheckpoint()
 * in SQLite's wal.c): a commit is whole frames at the end of the log, so once the log is on the disk, so is the commit.
 * The log loses frames only when it begins anew, which it does only when all of them are in the database; and a checkpoint
 * under NORMAL syncs the log before it copies pages, and syncs the database before it says that all were copied. A commit
 * whose frames were overwritten before they were synced here is thus in a database that was synced. The header of a log that
 * begins anew is synced by the writer, before its first frame is written. The file itself stays the same one while any
 * connection is open: only the last one to close removes it.
 *
 * A sync that failed says nothing about what a later one says: the system may have thrown away what it could not write. So
 * after one failure nothing more is promised, until the program is started anew and SQLite reads the log again.
 */
export class WalSync {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #failure: StoreError | undefined;

  /** @param sync makes all that was written to the log by now survive a power cut */
  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** What a sync failed with; nothing must be written any more. */
  get failure(): StoreError | undefined {
    return this.#failure;
  }

  /**
   * Waits until everything that was committed before this call survives a power cut. A sync that runs already may have begun
   * before the commit, so those who come meanwhile share the next.
   *
   * @throws StoreError STORE_UNAVAILABLE
   */
  wait(): Promise<void> {
    this.#next ??= this.#follow(this.#running);
    return this.#next;
  }

  async #follow(before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => undefined);
    if (this.#failure !== undefined) throw this.#failure;
    this.#running = this.#next;
    this.#next = undefined;
    try {
      await this.#sync();
    } catch (error) {
      this.#failure = new StoreError(
        'STORE_UNAVAILABLE',
        'The database could not be written to its disk, so the last changes may be lost; look at the disk and start again',
        { cause: error },
      );
      throw this.#failure;
    } finally {
      this.#running = undefined;
    }
  }
}
