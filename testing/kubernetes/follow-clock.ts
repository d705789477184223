import { type Clock, systemClock } from '../../src/net/clock.ts';

/** A clock whose pauses take no time, and on which silence lasts as long as the test says. */
export interface FollowClock extends Clock {
  /** The pauses that took no time, in milliseconds. */
  readonly pauses: number[];
  /** Lets all who listen for silence have heard nothing for long enough. */
  silence(): void;
}

/** Makes one. @param longest milliseconds; longer waits are silence */
export function followClock(longest = 60_000): FollowClock {
  let time = 0;
  const waiting = new Set<() => void>();
  const pauses: number[] = [];
  return {
    ...systemClock,
    pauses,
    monotonic: () => time,
    random: () => 0.5,
    sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      if (milliseconds <= longest) {
        pauses.push(milliseconds);
        time += milliseconds;
        return new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          waiting.delete(end);
          reject(signal?.reason as Error);
        };
        const end = (): void => {
          waiting.delete(end);
          signal?.removeEventListener('abort', stop);
          time += milliseconds;
          resolve();
        };
        waiting.add(end);
        signal?.addEventListener('abort', stop, { once: true });
      });
    },
    silence() {
      for (const end of waiting) end();
    },
  };
}
