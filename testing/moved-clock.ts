import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, systemClock } from '../src/net/clock.ts';

/** A clock that a test moves on: pauses end when it was moved past their end. */
export interface MovedClock extends Clock {
  /** Moves it on, and lets whatever waited so long go on in its order. */
  move(milliseconds: number): Promise<void>;
  /** Waits for what is under way, and moves the clock to the end of one pause after the other as long as that has to wait for them. */
  until<Value>(promise: Promise<Value>): Promise<Value>;
}

/** Milliseconds of the real clock in which what waits for no pause is done. */
const patience = 25;

/** Makes one. @param start milliseconds since 1970 */
export function movedClock(start: number = Date.now()): MovedClock {
  let time = start;
  const waiting = new Set<{ readonly until: number; readonly wake: () => void }>();
  const wakeNext = (end: number): boolean => {
    const [next] = [...waiting].sort((a, b) => a.until - b.until);
    if (next === undefined || next.until > end) return false;
    waiting.delete(next);
    time = Math.max(time, next.until);
    next.wake();
    return true;
  };
  return {
    ...systemClock,
    now: () => time,
    monotonic: () => time,
    random: () => 0.5,
    sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      if (milliseconds <= 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const gone = (): void => {
          waiting.delete(one);
          reject(signal?.reason as Error);
        };
        const wake = (): void => {
          signal?.removeEventListener('abort', gone);
          resolve();
        };
        const one = { until: time + milliseconds, wake };
        waiting.add(one);
        signal?.addEventListener('abort', gone, { once: true });
      });
    },
    async move(milliseconds) {
      const end = time + milliseconds;
      while (wakeNext(end)) await wait(1);
      time = end;
    },
    async until(promise) {
      let isOver = false;
      const over = promise.finally(() => (isOver = true));
      over.catch(() => undefined);
      for (;;) {
        await Promise.race([over.catch(() => undefined), wait(patience)]);
        // oxlint-disable-next-line typescript/no-unnecessary-condition -- it is set in another turn
        if (isOver) return await over;
        wakeNext(Number.POSITIVE_INFINITY);
      }
    },
  };
}
