import { type Clock, systemClock } from '../../src/net/clock.ts';

/** A clock whose pauses take no time, and which remembers them. */
export function instantClock(): Clock & { readonly pauses: number[]; skip(milliseconds: number): void } {
  const pauses: number[] = [];
  let skipped = 0;
  return {
    ...systemClock,
    pauses,
    now: () => systemClock.now() + skipped,
    monotonic: () => systemClock.monotonic() + skipped,
    random: () => 0.5,
    sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      pauses.push(milliseconds);
      skipped += milliseconds;
      return Promise.resolve();
    },
    skip(milliseconds) {
      skipped += milliseconds;
    },
  };
}
