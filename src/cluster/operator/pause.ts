import { operatorLimits as limits } from './limits.ts';

/** The pause after a number of failures in a row (from 1), in milliseconds: twice as long each time. */
export function pauseAfterFailures(failures: number): number {
  return Math.min(limits.mostPause, limits.leastPause * 2 ** Math.min(failures - 1, 16));
}
