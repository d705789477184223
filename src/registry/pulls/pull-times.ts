import type { Logger } from '../../base/logger.ts';
import { markPulled, type Pull } from '../../store/metadata/pulls.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';

/** Pulls that are held before they are written early, whatever the time. */
const most = 1000;

/** What recording needs. */
export interface PullTimesOptions {
  readonly database: SqlDatabase;
  readonly logger: Logger;
  /** Milliseconds between two writes. */
  readonly interval?: number;
}

/**
 * Keeps when content was pulled last, for rules about age. A busy tag is pulled thousands of times a second: of each, only the last
 * pull of some seconds is written, without waiting for the disk. A kill forgets these seconds and nothing else.
 */
export class PullTimes implements AsyncDisposable {
  readonly #options: PullTimesOptions;
  readonly #timer: NodeJS.Timeout;
  #pulls = new Map<string, Pull>();
  #writing: Promise<void> = Promise.resolve();

  constructor(options: PullTimesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), options.interval ?? 5000);
    this.#timer.unref();
  }

  add(pull: Pull): void {
    this.#pulls.set(`${pull.repository} ${pull.digest} ${pull.tag ?? ''}`, pull);
    if (this.#pulls.size >= most) void this.flush();
  }

  /** Writes what is held; resolves when it and what was being written before is there. */
  flush(): Promise<void> {
    const pulls = [...this.#pulls.values()];
    this.#pulls = new Map();
    if (pulls.length > 0) this.#writing = this.#writing.then(() => this.#write(pulls));
    return this.#writing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #write(pulls: readonly Pull[]): Promise<void> {
    const { database, logger } = this.#options;
    try {
      await database.transaction(
        async (queries) => {
          for (const pull of pulls) await markPulled(queries, pull);
        },
        { durable: false },
      );
    } catch (error) {
      // Content is served all the same; that rules about age see an older time is told.
      logger.warn('The times of pulls could not be written', { pulls: pulls.length, error });
    }
  }
}
