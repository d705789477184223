import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import { VulndbError } from '../../vulndb/error.ts';
import type { Manifest } from '../../vulndb/manifest.ts';
import { readManifest } from '../../vulndb/read-manifest.ts';
import { requireShards } from '../../vulndb/status.ts';

/** Looks whether there is a vulnerability database that can be used, and whether it is another one than before; says so once each time. */
export class DatabaseWatch {
  readonly #folder: string;
  readonly #logger: Logger;
  #told: string | undefined;
  #builtAt: number | undefined;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** When the one was built that was there at the last look, in milliseconds since 1970; undefined where none could be used. */
  get builtAt(): number | undefined {
    return this.#builtAt;
  }

  /** Looks, and gives the same. */
  look(): number | undefined {
    this.#builtAt = this.#find();
    return this.#builtAt;
  }

  #find(): number | undefined {
    try {
      const { builtAt } = this.#readWhole();
      this.#tell(builtAt, () => this.#logger.info('Scans look findings up', { database: this.#folder, builtAt }));
      return Date.parse(builtAt);
    } catch (error) {
      const message = errorMessage(error);
      const code = error instanceof VulndbError ? error.code : 'DATABASE_UNREADABLE';
      this.#tell(message, () =>
        this.#logger.warn('Scans cannot look findings up, so that nothing is known of images that come', {
          code,
          message,
        }),
      );
      return undefined;
    }
  }

  #readWhole(): Manifest {
    const manifest = readManifest(this.#folder);
    try {
      requireShards(this.#folder, manifest);
      return manifest;
    } catch (error) {
      // Its files go when another one takes its place, which may be at this moment.
      const newer = readManifest(this.#folder);
      if (newer.builtAt === manifest.builtAt) throw error;
      requireShards(this.#folder, newer);
      return newer;
    }
  }

  #tell(what: string, say: () => void): void {
    if (this.#told === what) return;
    this.#told = what;
    say();
  }
}
