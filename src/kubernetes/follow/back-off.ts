import type { Clock } from '../../net/clock.ts';
import { followLimits as limits } from './limits.ts';

/**
 * The pause after a number of failures in a row (from 1): twice as long each time, and at random in its upper half, so that those who
 * failed together do not come back together.
 */
export function pauseAfter(failures: number, clock: Pick<Clock, 'random'>): number {
  const most = Math.min(limits.mostPauseMs, limits.leastPauseMs * 2 ** Math.min(failures, 16));
  return Math.max(limits.leastPauseMs, most * (0.5 + clock.random() / 2));
}
