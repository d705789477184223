import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import { VulndbError } from '../../vulndb/error.ts';
import { readManifest } from '../../vulndb/read-manifest.ts';

/** Looks whether there is a vulnerability database, and whether it is another one than before; says so once each time. */
export class DatabaseWatch {
  readonly #folder: string;
  readonly #logger: Logger;
  #told: string | undefined;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** When it was built, in milliseconds since 1970; undefined while there is none that can be used. */
  look(): number | undefined {
    try {
      const { builtAt } = readManifest(this.#folder);
      this.#tell(builtAt, () => this.#logger.info('Scans look findings up', { database: this.#folder, builtAt }));
      return Date.parse(builtAt);
    } catch (error) {
      const message = errorMessage(error);
      const code = error instanceof VulndbError ? error.code : 'DATABASE_UNREADABLE';
      this.#tell(message, () =>
        this.#logger.warn('Scans cannot look findings up, so that nothing is known of any image', { code, message }),
      );
      return undefined;
    }
  }

  #tell(what: string, say: () => void): void {
    if (this.#told === what) return;
    this.#told = what;
    say();
  }
}
