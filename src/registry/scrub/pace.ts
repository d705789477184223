import type { Content } from '../content/content.ts';

/** Keeps reading below a rate, whoever reads. */
export class Pace {
  readonly #content: Pick<Content, 'now' | 'wait'>;
  readonly #bytesPerSecond: number;
  #due = 0;

  constructor(content: Pick<Content, 'now' | 'wait'>, bytesPerSecond: number) {
    this.#content = content;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Waits until so many bytes may have been read. What was not read while nobody wanted to is not made up for. */
  async after(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const now = this.#content.now();
    this.#due = Math.max(this.#due, now) + (bytes / this.#bytesPerSecond) * 1000;
    // Timers are no finer than that.
    if (this.#due - now >= 5) await this.#content.wait(this.#due - now, signal);
  }
}
