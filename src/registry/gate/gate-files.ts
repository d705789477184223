import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { GateConfig } from '../config/gate/model.ts';
import { FileWatch } from '../watch/file-watch.ts';
import { fingerprintFiles } from '../watch/fingerprint.ts';
import { GateError } from './error.ts';
import { loadGateRules } from './load-rules.ts';
import type { GateRules } from './model.ts';

/** How the files of a gate are watched. */
export interface GateFilesOptions {
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * What a gate goes by, as it stands in files: policies, keys and whom to trust. A change of any of them counts soon, as a change of the
 * settings does: an exception that somebody adds is no setting. While they are wrong, what counted before stays.
 */
export class GateFiles implements AsyncDisposable {
  #rules: GateRules | undefined;
  readonly #over = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  private constructor(rules: GateRules | undefined) {
    this.#rules = rules;
  }

  /** Undefined where there is no policy. */
  get rules(): GateRules | undefined {
    return this.#rules;
  }

  /** Reads them, and begins to watch them. @throws GateError */
  static async open(config: GateConfig, { everyMs, clock, logger }: GateFilesOptions): Promise<GateFiles> {
    const first = await loadGateRules(config);
    const paths = first?.files ?? [];
    // Read again, since they may have changed before their fingerprint was taken.
    const fingerprint = await fingerprintFiles(paths);
    const loaded = first === undefined ? undefined : await loadGateRules(config);
    const files = new GateFiles(loaded?.rules);
    if (first === undefined) return files;
    const watch = new FileWatch({
      paths,
      fingerprint,
      everyMs,
      clock,
      async onChange() {
        try {
          files.#rules = (await loadGateRules(config))?.rules;
          logger.info('The policy was read again', { hash: files.#rules?.policy.hash });
        } catch (error) {
          if (!(error instanceof GateError)) throw error;
          logger.error('The policy cannot be used any more; the one in use stays', { error });
        }
      },
    });
    files.#watching = watch.run(files.#over.signal);
    return files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#watching;
  }
}
