import { untilAborted } from '../../base/shared-calls.ts';
import type { Clock } from '../../net/clock.ts';

/**
 * Waits for calls that something older may stand in for: each for a moment only, and not at all for one that is known to take longer. A
 * registry that takes connections and says nothing is as good as none, and an object has no more time than its request.
 */
export class Patience {
  readonly #slow = new Set<string>();
  readonly #clock: Clock;
  readonly #time: number;

  /** @param time milliseconds that one call is waited for */
  constructor(clock: Clock, time: number) {
    this.#clock = clock;
    this.#time = time;
  }

  /** What the call gives; undefined where that takes too long, or until the signal ends the waiting. The call goes on. @throws what the call throws */
  async wait<Value>(key: string, call: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
    const over = new AbortController();
    const either = AbortSignal.any([over.signal, signal]);
    // A call that fails when nobody waits any more has told nobody, and the next one asks again.
    call.catch(() => undefined);
    if (this.#slow.has(key)) return undefined;
    const late = this.#clock.sleep(this.#time, either).then(
      () => this.#remember(key, call),
      () => undefined,
    );
    try {
      return await Promise.race([untilAborted(call, either), late]);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      over.abort();
    }
  }

  #remember(key: string, call: Promise<unknown>): undefined {
    this.#slow.add(key);
    call.catch(() => undefined).finally(() => this.#slow.delete(key));
  }
}
