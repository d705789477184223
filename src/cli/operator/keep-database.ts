import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import { readStatus } from '../../vulndb/status.ts';

/** How the vulnerability database is kept. */
export interface DatabaseUpkeep {
  readonly folder: string;
  /** Milliseconds from one update to the next. */
  readonly interval: number;
  /** Updates it; gives whether that went well. */
  readonly update: (signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** After an update that failed, in milliseconds. */
const retryTime = 600_000;

/**
 * Updates the database whenever it was built too long ago, until the signal is aborted. A feed that could not be had makes it no older here:
 * it is asked again with all others, and not all the time.
 */
export async function keepDatabase(
  { folder, interval, update, clock, logger }: DatabaseUpkeep,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const wait = interval - sinceBuilt(folder, clock.now());
    if (wait > 0) await clock.sleep(wait, signal).catch(() => undefined);
    else if (!(await update(signal)) && !signal.aborted) {
      logger.warn('The vulnerability database was not updated; it is tried again', { database: folder });
      await clock.sleep(retryTime, signal).catch(() => undefined);
    }
  }
}

/** Milliseconds; without end where there is none that can be read. */
function sinceBuilt(folder: string, now: number): number {
  try {
    return readStatus(folder, new Date(now)).sinceBuilt;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
