import { type Clock, systemClock } from '../../src/net/clock.ts';

/** The machine's clock, which a test can put forward: what waits for a time of day is due then; pauses are as long as they are. */
export interface ShiftedClock extends Clock {
  /** Milliseconds. */
  ahead: number;
}

/** Makes one. */
export function shiftedClock(): ShiftedClock {
  const clock: ShiftedClock = { ...systemClock, ahead: 0, now: () => Date.now() + clock.ahead };
  return clock;
}
