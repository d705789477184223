import { setTimeout as sleep } from 'node:timers/promises';

/** How waits between attempts grow. All in milliseconds. */
export interface BackoffOptions {
  /** The first wait; each further one is half as long again. */
  readonly first: number;
  readonly longest: number;
}

/**
 * The wait before attempt `attempt` (from 1). A random half of it keeps those who met from meeting again.
 *
 * @param random a number in [0, 1)
 */
export function backoff(attempt: number, { first, longest }: BackoffOptions, random: number): number {
  const whole = Math.min(longest, first * 1.5 ** Math.min(attempt - 1, 64));
  return whole * (0.5 + random / 2);
}

/** Waits before attempt `attempt`, without holding up anything else. */
export async function pauseBefore(attempt: number, options: BackoffOptions): Promise<void> {
  await sleep(backoff(attempt, options, Math.random()));
}
