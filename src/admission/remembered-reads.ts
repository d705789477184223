import { SharedCalls, untilAborted } from '../base/shared-calls.ts';
import type { Clock } from '../net/clock.ts';
import type { Gathered } from '../policy/evidence.ts';

/** How much is remembered, and how long it counts, in milliseconds. */
export interface RememberedLimits {
  readonly most: number;
  readonly readTime: number;
  /** For what is not there, or could not be looked at. */
  readonly failedTime: number;
}

/** What was read a moment ago, and read once for all who ask at the same time. */
export class RememberedReads<Value> {
  readonly #held = new Map<string, { readonly answer: Gathered<Value>; readonly until: number }>();
  readonly #calls = new SharedCalls<Gathered<Value>>();
  readonly #clock: Clock;
  readonly #limits: RememberedLimits;

  constructor(clock: Clock, limits: RememberedLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** @throws what `read` throws, or the signal's reason; reading goes on without whoever gave up */
  async get(key: string, read: () => Promise<Gathered<Value>>, signal: AbortSignal): Promise<Gathered<Value>> {
    const held = this.#held.get(key);
    if (held !== undefined && this.#clock.now() < held.until) return held.answer;
    const call = async (): Promise<Gathered<Value>> => {
      const answer = await read();
      const { readTime, failedTime } = this.#limits;
      this.#keep(key, answer, this.#clock.now() + (answer.state === 'known' ? readTime : failedTime));
      return answer;
    };
    return await untilAborted(this.#calls.run(key, call), signal);
  }

  #keep(key: string, answer: Gathered<Value>, until: number): void {
    this.#held.delete(key);
    this.#held.set(key, { answer, until });
    const [oldest] = this.#held.keys();
    if (this.#held.size > this.#limits.most && oldest !== undefined) this.#held.delete(oldest);
  }
}
