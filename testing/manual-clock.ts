import { type Clock, systemClock } from '../src/net/clock.ts';

/** A clock whose pauses end when the test says so. */
export interface ManualClock extends Clock {
  /** Ends the pause that is under way, or waits for the next one to begin and ends it. */
  tick(): Promise<void>;
  /** Sets what `now()` says. */
  set(milliseconds: number): void;
}

/** Makes a {@link ManualClock} that stands at a time. */
export function manualClock(now: number = Date.UTC(2026, 0, 1)): ManualClock {
  let time = now;
  let started: () => void = () => undefined;
  let sleeping: { readonly wake: () => void } | undefined;
  return {
    ...systemClock,
    now: () => time,
    monotonic: () => time,
    random: () => 0.5,
    sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      return new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        sleeping = {
          wake: () => {
            time += milliseconds;
            sleeping = undefined;
            resolve();
          },
        };
        started();
      });
    },
    async tick() {
      if (sleeping === undefined) {
        await new Promise<void>((resolve) => {
          started = resolve;
        });
      }
      sleeping?.wake();
    },
    set(milliseconds) {
      time = milliseconds;
    },
  };
}
