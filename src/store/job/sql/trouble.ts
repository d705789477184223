import { errorMessage } from '../../../base/error.ts';
import type { Logger } from '../../../base/logger.ts';

/** Logs that something fails when it begins to, and when it works again, rather than at every try. */
export class Trouble {
  readonly #logger: Logger;
  readonly #fields: Readonly<Record<string, unknown>>;
  #isThere = false;

  /** @param fields what is tried, for the log */
  constructor(logger: Logger, fields: Readonly<Record<string, unknown>>) {
    this.#logger = logger;
    this.#fields = fields;
  }

  /** Runs something that is tried again later when it fails; then gives `otherwise`. */
  async ride<Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> {
    try {
      const result = await work();
      if (this.#isThere) this.#logger.info('Jobs can be read again', this.#fields);
      this.#isThere = false;
      return result;
    } catch (error) {
      if (!this.#isThere) this.#logger.error('Jobs cannot be read', { ...this.#fields, error: errorMessage(error) });
      this.#isThere = true;
      return otherwise;
    }
  }
}
