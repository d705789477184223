import { SharedCalls, untilAborted } from '../base/shared-calls.ts';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';

/** Something that ends by itself. */
export interface Ending {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

interface Held<Value> {
  readonly value?: Value;
  readonly failure?: unknown;
  /** From then on, another one is got. */
  readonly renewAt: number;
}

/**
 * What ends by itself, kept and got anew before its end: once for all who ask at the same time, whoever of them gives up. While no
 * other can be had, the one from before is given for as long as it counts; and failures are remembered for a moment, so that
 * those who ask in a row do not wait in a row, nor make a service that is in trouble be asked more often.
 */
export class Renewed<Value extends Ending> {
  readonly #now: () => Date;
  readonly #held = new Map<string, Held<Value>>();
  readonly #calls = new SharedCalls<Value>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /**
   * @param get gets another one; ends by itself
   * @throws what `get` throws, or the signal's reason
   */
  async get(key: string, get: () => Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
    const held = this.#held.get(key);
    if (held !== undefined && this.#time() < held.renewAt) return given(held);
    const call = this.#calls.run(key, () => this.#renew(key, get));
    return await (signal === undefined ? call : untilAborted(call, signal));
  }

  async #renew(key: string, get: () => Promise<Value>): Promise<Value> {
    const before = this.#held.get(key)?.value;
    try {
      const value = await get();
      const now = this.#time();
      const left = value.expiresAt - now;
      const renewAt = value.expiresAt - Math.min(cloudLimits.renewal, left / 2);
      this.#keep(key, { value, renewAt: Math.min(renewAt, now + cloudLimits.kept) });
      return value;
    } catch (failure) {
      const now = this.#time();
      const absent = failure instanceof CloudError && failure.code === 'CREDENTIALS_ABSENT';
      const renewAt = now + (absent ? cloudLimits.absentTime : cloudLimits.failedTime);
      const held =
        before !== undefined && renewAt < before.expiresAt ? { value: before, renewAt } : { failure, renewAt };
      this.#keep(key, held);
      return given(held);
    }
  }

  #keep(key: string, held: Held<Value>): void {
    this.#held.delete(key);
    this.#held.set(key, held);
    const [oldest] = this.#held.keys();
    if (this.#held.size > cloudLimits.tokens && oldest !== undefined) this.#held.delete(oldest);
  }

  #time(): number {
    return this.#now().getTime();
  }
}

function given<Value>({ value, failure }: Held<Value>): Value {
  if (value === undefined) throw failure;
  return value;
}
