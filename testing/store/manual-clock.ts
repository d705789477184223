import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/net/clock.ts';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it on. */
export interface ManualClock extends Clock {
  /** Moves it on at once, and wakes those who slept until then. */
  advance(milliseconds: number): Promise<void>;
}

/** Makes one. */
export function manualClock(start: number): ManualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    monotonic: () => now,
    random: () => 0.5,
    sleep(milliseconds, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const stop = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason as Error);
        };
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', stop);
          resolve();
        };
        const sleeper = { due: now + milliseconds, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
      });
    },
    async advance(milliseconds) {
      now += milliseconds;
      for (const { due, wake } of sleepers) if (due <= now) wake();
      await nextTurn();
    },
  };
}
