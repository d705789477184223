import type { Clock } from './clock.ts';
import { RateLimit, type RateLimitOptions } from './rate-limit.ts';

interface Lane {
  free: number;
  /** Monotonic time before which the host asked not to be asked again. */
  heldUntil: number;
  readonly waiting: (() => void)[];
  readonly rate: RateLimit | undefined;
}

/** Lets a bounded number of requests to each host go at a time, none while the host asked for a pause, and not too many in a while. */
export class HostGate {
  readonly #lanes = new Map<string, Lane>();
  readonly #width: number;
  readonly #clock: Clock;
  readonly #rateOf: (host: string) => RateLimitOptions | undefined;

  /** @param rateOf how often a host is asked, at most; undefined where that does not matter */
  constructor(width: number, clock: Clock, rateOf: (host: string) => RateLimitOptions | undefined = () => undefined) {
    this.#width = Math.max(1, width);
    this.#clock = clock;
    this.#rateOf = rateOf;
  }

  /** Waits for a place; the returned function gives it back and may be called more than once. */
  async enter(host: string, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    const lane = this.#lane(host);
    if (lane.free > 0) lane.free -= 1;
    else await this.#queue(lane, signal);
    const leave = this.#leaver(host, lane);
    try {
      for (let pause = lane.heldUntil - this.#clock.monotonic(); pause > 0;) {
        await this.#clock.sleep(pause, signal);
        pause = lane.heldUntil - this.#clock.monotonic();
      }
      await lane.rate?.take(signal);
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** Keeps all requests to `host` back for a while: it said that it is asked too often. */
  hold(host: string, milliseconds: number): void {
    const lane = this.#lane(host);
    lane.heldUntil = Math.max(lane.heldUntil, this.#clock.monotonic() + milliseconds);
  }

  #lane(host: string): Lane {
    let lane = this.#lanes.get(host);
    if (lane === undefined) {
      const rate = this.#rateOf(host);
      lane = {
        free: this.#width,
        heldUntil: 0,
        waiting: [],
        rate: rate === undefined ? undefined : new RateLimit(rate, this.#clock),
      };
      this.#lanes.set(host, lane);
    }
    return lane;
  }

  #queue(lane: Lane, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener('abort', abandon);
        resolve();
      };
      const abandon = (): void => {
        const index = lane.waiting.indexOf(admit);
        if (index >= 0) lane.waiting.splice(index, 1);
        reject(signal?.reason as Error);
      };
      lane.waiting.push(admit);
      signal?.addEventListener('abort', abandon, { once: true });
    });
  }

  #leaver(host: string, lane: Lane): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = lane.waiting.shift();
      if (next !== undefined) return next();
      lane.free += 1;
      // An idle lane that holds nothing back is forgotten, so that many hosts leave no trace.
      const idle = lane.free === this.#width && lane.heldUntil <= this.#clock.monotonic();
      if (idle && lane.rate?.isRested !== false && this.#lanes.get(host) === lane) this.#lanes.delete(host);
    };
  }
}
