import { type Clock, systemClock } from '../../src/net/clock.ts';

/** A clock that goes so many times as fast as others, from a time on. */
export function fastClock(times: number, start: number = Date.now()): Clock {
  const begun = systemClock.monotonic();
  const gone = (): number => (systemClock.monotonic() - begun) * times;
  return {
    ...systemClock,
    now: () => Math.floor(start + gone()),
    monotonic: gone,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / times, signal),
  };
}
