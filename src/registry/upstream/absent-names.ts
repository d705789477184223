import type { Clock } from '../../net/clock.ts';
import { upstreamLimits } from './limits.ts';

/** What upstreams said that they do not have, for a short time, so that a client that asks again and again does not ask them. */
export class AbsentNames {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #until = new Map<string, { readonly time: number; readonly error: unknown }>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** What was said; undefined when nothing is known. */
  recall(name: string): unknown {
    const known = this.#until.get(name);
    if (known === undefined) return undefined;
    if (known.time > this.#clock.monotonic()) return known.error;
    this.#until.delete(name);
    return undefined;
  }

  note(name: string, error: unknown, milliseconds: number): void {
    if (milliseconds <= 0) return;
    // The oldest make room: they are over first, mostly.
    for (const [oldest] of this.#until) {
      if (this.#until.size < upstreamLimits.absentNames) break;
      this.#until.delete(oldest);
    }
    this.#until.set(name, { time: this.#clock.monotonic() + milliseconds, error });
  }
}
