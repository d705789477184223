import type { Clock } from './clock.ts';

/** How often a client asks a server, whatever its parts want. */
export interface RateLimitOptions {
  /** Requests a second, over time. */
  readonly qps: number;
  /** Requests at once, after a rest. */
  readonly burst: number;
}

/** A bucket of tokens, of which each request takes one: requests go in the order in which they came. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #perToken: number;
  readonly #depth: number;
  /** Monotonic time at which the next request might go if there had been no rest. */
  #next = Number.NEGATIVE_INFINITY;

  constructor({ qps, burst }: RateLimitOptions, clock: Clock) {
    this.#clock = clock;
    this.#perToken = 1000 / qps;
    this.#depth = (Math.max(1, burst) - 1) * this.#perToken;
  }

  /** Whether it is as if nobody had asked yet. */
  get isRested(): boolean {
    return this.#next <= this.#clock.monotonic() - this.#depth;
  }

  /** Waits for the turn of one request. @throws the signal's reason; its turn is then lost, which only slows others down */
  async take(signal?: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    // A rest saves up as many turns as the bucket holds, and no more (the generic cell rate algorithm).
    const turn = Math.max(this.#next, now - this.#depth);
    this.#next = turn + this.#perToken;
    if (turn > now) await this.#clock.sleep(turn - now, signal);
  }
}
