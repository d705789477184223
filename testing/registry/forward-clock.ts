import { type Clock, systemClock } from '../../src/net/clock.ts';

/** A clock that goes as fast as the machine's, and can be put forward. */
export interface ForwardClock extends Clock {
  /** Milliseconds. */
  ahead: number;
}

/** Makes one. @param sleep how it waits; as the machine's by default */
export function forwardClock(sleep?: Clock['sleep']): ForwardClock {
  const clock: ForwardClock = {
    ...systemClock,
    ahead: 0,
    now: () => systemClock.now() + clock.ahead,
    monotonic: () => systemClock.monotonic() + clock.ahead,
    ...(sleep === undefined ? {} : { sleep }),
  };
  return clock;
}
