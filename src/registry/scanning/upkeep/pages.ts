import type { Clock } from '../../../net/clock.ts';
import { StepPace } from '../../garbage/step-pace.ts';
import { scanningLimits } from '../limits.ts';

/** How upkeep goes through tables: in short steps, with rests between them, since nobody waits for it. */
export interface PageTurner {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Share of the time that upkeep takes. */
const share = 0.2;

/**
 * Goes through the rows of a table, page by page, and lets `act` do something with those of each.
 *
 * @param next gives the rows after one
 * @throws the signal's reason
 */
export async function eachPage<Row>(
  { clock, signal }: PageTurner,
  first: Row,
  next: (after: Row, limit: number) => Promise<readonly Row[]>,
  act: (rows: readonly Row[], after: Row) => Promise<void>,
): Promise<void> {
  const pace = new StepPace(share, () => clock.monotonic());
  for (let after = first; ;) {
    signal.throwIfAborted();
    pace.beginStep();
    const rows = await next(after, scanningLimits.stretch);
    const last = rows.at(-1);
    if (last === undefined) return;
    await act(rows, after);
    if (rows.length < scanningLimits.stretch) return;
    after = last;
    await clock.sleep(pace.restAfterStep(), signal);
  }
}
