import type { Clock } from '../../../net/clock.ts';
import { RegistryError } from '../../error.ts';

/** Stops what nobody reads any more, after a time in which somebody may come. */
export class IdleTimer {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #after: () => number;
  readonly #over = new AbortController();
  #waiting: AbortController | undefined;
  #stopped = false;

  /** @param after milliseconds */
  constructor(clock: Pick<Clock, 'sleep'>, after: () => number) {
    this.#clock = clock;
    this.#after = after;
  }

  /** Aborted when the time is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** A reader is there. */
  joined(): void {
    this.#waiting?.abort();
  }

  /** The last one went. */
  idle(): void {
    if (this.#stopped) return;
    const waiting = new AbortController();
    this.#waiting = waiting;
    this.#clock.sleep(this.#after(), waiting.signal).then(
      () => this.#over.abort(new RegistryError('UNAVAILABLE', 'Nobody waited for this blob any more')),
      () => undefined,
    );
  }

  /** There is nothing left to stop. */
  stop(): void {
    this.#stopped = true;
    this.#waiting?.abort();
  }
}
