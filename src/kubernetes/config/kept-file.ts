import { errorMessage } from '../../base/error.ts';
import type { ConfigDeps } from './deps.ts';
import { configLimits as limits } from './limits.ts';
import { type NamedFile, readNamedFile } from './read-file.ts';

/**
 * A file that others put new content into: a token or a certificate that ends soon. It is read anew every few seconds; where that fails, what
 * was read before is used on.
 */
export class KeptFile {
  readonly #file: NamedFile;
  readonly #deps: ConfigDeps;
  #content: Buffer | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(file: NamedFile, deps: ConfigDeps) {
    this.#file = file;
    this.#deps = deps;
  }

  /** @throws KubernetesError CREDENTIAL_FAILED where it could never be read */
  async read(): Promise<Buffer> {
    const { clock, logger } = this.#deps;
    const now = clock.monotonic();
    if (this.#content !== undefined && now - this.#readAt < limits.rereadMs) return this.#content;
    try {
      const content = await readNamedFile(this.#file, this.#deps, 'CREDENTIAL_FAILED');
      // A file that is being written anew is empty for a moment.
      if (content.length > 0 || this.#content === undefined) this.#content = content;
    } catch (error) {
      if (this.#content === undefined) throw error;
      logger.warn('a file with credentials cannot be read anew', { reason: errorMessage(error) });
    }
    this.#readAt = now;
    return this.#content;
  }

  /** Reads it anew the next time. */
  expire(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
  }
}
