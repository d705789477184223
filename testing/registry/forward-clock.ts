import { type Clock, systemClock } from '../../src/net/clock.ts';

/** A clock that goes as fast as the machine's, and can be put forward. */
export function forwardClock(): Clock & { forward(seconds: number): void } {
  let ahead = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    forward: (seconds) => void (ahead += seconds * 1000),
  };
}
