/** How long conditions see the same time, in milliseconds: verdicts are remembered until it is another. */
const step = 60_000;

/** The time as conditions see it: the beginning of its minute. */
export function coarseTime(now: number): number {
  return Math.floor(now / step) * step;
}

/** When conditions see another time next. */
export function nextCoarseTime(now: number): number {
  return coarseTime(now) + step;
}
