import { hrtime } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

/** Time and chance, passed in so that tests decide both. */
export interface Clock {
  /** Milliseconds since 1970, for dates that others wrote. */
  now(): number;
  /** Milliseconds that never jump, for durations. */
  monotonic(): number;
  /** Resolves after `milliseconds`; rejects with the signal's reason when that comes first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Not `performance`, which would load the whole of Node's measuring with it.
  monotonic: () => Number(hrtime.bigint()) / 1e6,
  async sleep(milliseconds, signal) {
    try {
      await wait(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
  random: () => Math.random(),
};
