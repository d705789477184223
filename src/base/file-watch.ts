import { fingerprintFiles } from './fingerprint.ts';

/** Waits, as clocks do: rejects with the signal's reason when that comes first. */
export interface Pauses {
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** What to watch, and what to do when it changed. */
export interface FileWatchOptions {
  /** Absent ones keep their place. A function is asked at each look, where files may come and go. */
  readonly paths: readonly (string | undefined)[] | (() => Promise<readonly (string | undefined)[]>);
  /** Of what is in use (`fingerprintOf`), so that a change before the first look counts too. */
  readonly fingerprint: string;
  readonly everyMs: number;
  readonly clock: Pauses;
  /** Called once for each change; the next look waits for it. What it throws ends the watch. */
  readonly onChange: () => Promise<void>;
}

/** Looks at files again and again: notices of the system do not come through on network folders and in containers. */
export class FileWatch {
  readonly #options: FileWatchOptions;
  #fingerprint: string;
  #look: Promise<void> = Promise.resolve();

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#fingerprint = options.fingerprint;
  }

  /** Looks now: for a signal that says that something changed. Looks never overlap. */
  check(): Promise<void> {
    const next = this.#look.then(() => this.#compare());
    // A look that failed is its caller's to hear of; the next one begins all the same.
    this.#look = next.catch(() => undefined);
    return next;
  }

  /** Looks in intervals until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, everyMs } = this.#options;
    while (!signal.aborted) {
      try {
        await clock.sleep(everyMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      await this.check();
    }
  }

  async #compare(): Promise<void> {
    const { paths } = this.#options;
    const found = await fingerprintFiles(typeof paths === 'function' ? await paths() : paths);
    if (found === this.#fingerprint) return;
    this.#fingerprint = found;
    await this.#options.onChange();
  }
}
