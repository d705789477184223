const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** A length of time in the largest unit that it is a whole number of: `36h`. @param milliseconds a whole number */
export function writtenDuration(milliseconds: number): string {
  for (const [unit, length] of units) if (milliseconds % length === 0) return `${milliseconds / length}${unit}`;
  return `${milliseconds}ms`;
}
